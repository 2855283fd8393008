"""Storage commitment over any archive, with its results in memory: for tests and small embedded uses."""

from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256

from pydicom.dataset import Dataset

from dicomweb.archive import Archive, Level, Search
from dicomweb.services.commitment.values import FailureReason, Reference, TransactionInUse, Verdict
from dicomweb.storing.members import uid_of

_CHUNK_BYTES = 1024 * 1024


class MemoryCommitments:
    """`Commitments` over an archive; results are forgotten with the process."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._results: dict[str, Sequence[Verdict]] = {}

    def commit(self, transaction_uid: str, references: Sequence[Reference]) -> Sequence[Verdict]:
        """Look at every instance and keep what was found."""
        if transaction_uid in self._results:
            raise TransactionInUse(transaction_uid)
        self._results[transaction_uid] = [Verdict(one, self._failure(one)) for one in references]
        return self._results[transaction_uid]

    def result(self, transaction_uid: str) -> Sequence[Verdict] | None:
        """What was found earlier."""
        return self._results.get(transaction_uid)

    def _failure(self, reference: Reference) -> FailureReason | None:
        keys = Dataset()
        keys.SOPInstanceUID = reference.sop_instance_uid
        matches = self._archive.search(Search(Level.INSTANCE, keys, limit=1)).items
        if not matches:
            return FailureReason.NO_SUCH_INSTANCE
        study, series = uid_of(matches[0], "0020000D"), uid_of(matches[0], "0020000E")
        (instance,) = self._archive.find(study or "", series, reference.sop_instance_uid)
        if instance.sop_class_uid != reference.sop_class_uid:
            return FailureReason.CLASS_INSTANCE_CONFLICT
        digest = sha256()
        with closing(self._archive.open(instance)) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return None if digest.hexdigest() == instance.sha256 else FailureReason.PROCESSING_FAILURE
