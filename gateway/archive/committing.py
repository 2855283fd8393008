"""Storage commitment for one caller: `dicomweb.services.commitment.values.Commitments` over index and storage."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import String, and_, cast, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dicomweb.services.commitment.values import FailureReason, Reference, TransactionInUse, Verdict
from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission, Scope
from gateway.archive.errors import UnknownObject
from gateway.archive.storage import ObjectStorage
from gateway.archive.tables import CommitmentRow, InstanceRow, RevisionRow, StudyRow
from gateway.archive.verification import digest_of
from gateway.database import Database, UnitOfWork, now

logger = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024**3
"""Read again for one request; instances beyond are refused for want of resources and can be asked for anew."""

RESULTS_KEPT = timedelta(days=7)
_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the index says of an instance's current revision."""

    sop_class_uid: str
    object_key: str
    size_bytes: int
    sha256: str


class ArchiveCommitments:
    """Storage commitment within a caller's scope; who may store or read instances may ask.

    Every method raises NotPermitted where the caller may do neither.
    """

    def __init__(
        self, database: Database, storage: ObjectStorage, caller: Caller, *, most_bytes: int = MOST_BYTES
    ) -> None:
        self._database = database
        self._storage = storage
        self._caller = caller
        self._most_bytes = most_bytes

    def commit(self, transaction_uid: str, references: Sequence[Reference]) -> Sequence[Verdict]:
        """Read every instance again, compare it with its digest, and keep what was found."""
        scope = self._scope()
        with self._database.read() as session:
            if _find(session, self._caller, transaction_uid) is not None:
                raise TransactionInUse(transaction_uid)
        verdicts = list(self._verdicts(scope, references))
        row = CommitmentRow(
            hospital_id=self._caller.home,
            transaction_uid=transaction_uid,
            requested_by=self._caller.id,
            requested_at=now(),
            result=[_packed(one) for one in verdicts],
        )
        try:
            with self._database.write() as unit_of_work:
                unit_of_work.session.add(row)
                unit_of_work.session.flush()
                self._enter(unit_of_work, verdicts)
        except IntegrityError:
            raise TransactionInUse(transaction_uid) from None
        return verdicts

    def result(self, transaction_uid: str) -> Sequence[Verdict] | None:
        """What an earlier request of the same caller found."""
        self._scope()
        with self._database.read() as session:
            row = _find(session, self._caller, transaction_uid)
        if row is None or row.requested_by != self._caller.id:
            return None
        return [_unpacked(*packed) for packed in row.result]

    def _scope(self) -> Scope:
        reads = self._caller.may(Permission.READ_INSTANCES)
        return self._caller.require(Permission.READ_INSTANCES if reads else Permission.STORE_INSTANCES)

    def _verdicts(self, scope: Scope, references: Sequence[Reference]) -> Iterator[Verdict]:
        left, remaining = iter(references), self._most_bytes
        while page := list(islice(left, _PAGE)):
            with self._database.read() as session:
                kept = _kept(session, scope, [one.sop_instance_uid for one in page])
            for reference in page:
                known = kept.get(reference.sop_instance_uid)
                if known is None:
                    yield Verdict(reference, FailureReason.NO_SUCH_INSTANCE)
                elif known.sop_class_uid != reference.sop_class_uid:
                    yield Verdict(reference, FailureReason.CLASS_INSTANCE_CONFLICT)
                elif known.size_bytes > remaining:
                    yield Verdict(reference, FailureReason.RESOURCE_LIMITATION)
                else:
                    remaining -= known.size_bytes
                    yield Verdict(reference, self._damage(known))

    def _damage(self, known: _Kept) -> FailureReason | None:
        """Why the stored bytes are not those that came, None where they are."""
        try:
            sound = digest_of(self._storage, known.object_key) == known.sha256
        except (UnknownObject, OSError):
            sound = False
        if not sound:
            logger.error("an object is not what was stored: it is not committed", extra={"object": known.object_key})
        return None if sound else FailureReason.PROCESSING_FAILURE

    def _enter(self, unit_of_work: UnitOfWork, verdicts: Sequence[Verdict]) -> None:
        committed = sum(one.failure is None for one in verdicts)
        detail = {"instances": len(verdicts), "committed": committed}
        audit(unit_of_work.session, self._caller, Action.QUERIED, subject="storage-commitment", detail=detail)


def forget_results(unit_of_work: UnitOfWork) -> None:
    """Remove results that nobody asks for any more."""
    unit_of_work.session.execute(delete(CommitmentRow).where(CommitmentRow.requested_at < now() - RESULTS_KEPT))


def _find(session: Session, caller: Caller, transaction_uid: str) -> CommitmentRow | None:
    return session.scalar(
        select(CommitmentRow).where(
            CommitmentRow.hospital_id == caller.home, CommitmentRow.transaction_uid == transaction_uid
        )
    )


def _kept(session: Session, scope: Scope, sop_instance_uids: Sequence[str]) -> dict[str, _Kept]:
    """Those instances that the scope holds, by SOP Instance UID."""
    query = (
        select(
            InstanceRow.sop_instance_uid,
            InstanceRow.sop_class_uid,
            RevisionRow.object_key,
            RevisionRow.size_bytes,
            RevisionRow.sha256,
        )
        .join(RevisionRow, and_(RevisionRow.instance_id == InstanceRow.id, RevisionRow.number == InstanceRow.revision))
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .where(InstanceRow.sop_instance_uid.in_(sop_instance_uids))
    )
    if scope.hospitals is not None:
        query = query.where(InstanceRow.hospital_id.in_(sorted(scope.hospitals)))
    if scope.patient is not None:
        query = query.where(cast(StudyRow.patient_row_id, String) == scope.patient)
    return {row[0]: _Kept(*row[1:]) for row in session.execute(query)}


def _packed(verdict: Verdict) -> list[str | int | None]:
    reference = verdict.reference
    return [reference.sop_class_uid, reference.sop_instance_uid, verdict.failure]


def _unpacked(sop_class_uid: str, sop_instance_uid: str, failure: int | None) -> Verdict:
    reason = None if failure is None else FailureReason(failure)
    return Verdict(Reference(sop_class_uid, sop_instance_uid), reason)
