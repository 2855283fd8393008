"""Where explanations are kept: one object each, under the id of its submission, gone with that."""

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller
from gateway.archive.errors import UnknownObject
from gateway.archive.storage import Kind, ObjectStorage, PendingObject, named_key
from gateway.database import Database
from gateway.explanation.kept import MAX_BYTES, Explanation, read_kept
from gateway.intake.submission import UnknownSubmission
from gateway.intake.tables import SubmissionRow


class Shelf:
    """Keeps explanations beside what they explain."""

    def __init__(self, database: Database, storage: ObjectStorage) -> None:
        self._database = database
        self._storage = storage

    def find(self, submission_id: str) -> Explanation | None:
        """What was explained of a submission that the caller was found to see; None where nothing was."""
        try:
            with self._storage.open(named_key(submission_id, Kind.EXPLANATION)) as stream:
                return read_kept(stream.read(MAX_BYTES + 1))
        except UnknownObject:
            return None

    def keep(self, caller: Caller, submission_id: str, explanation: Explanation) -> None:
        """Keep an explanation in the place of an earlier one.

        Raises UnknownSubmission where the submission was deleted meanwhile, StorageError.
        """
        pending = self._storage.begin(Kind.EXPLANATION, submission_id)
        try:
            pending.write(explanation.model_dump_json().encode())
            self._make_true(caller, submission_id, pending)
        except BaseException:
            pending.discard()
            raise
        pending.keep()

    def _make_true(self, caller: Caller, submission_id: str, pending: PendingObject) -> None:
        """Let the object come to be while the submission is held fast: whoever deletes that, deletes this as well."""
        with self._database.write() as unit_of_work:
            row = unit_of_work.session.get(SubmissionRow, submission_id, with_for_update=True)
            if row is None:
                raise UnknownSubmission(f"there is no photo {submission_id}")
            self._storage.delete(pending.key)
            pending.finish()
            subject = f"photo/{submission_id}"
            audit(unit_of_work.session, caller, Action.PATIENT_RECORD, subject=subject, hospital=row.hospital_id)
