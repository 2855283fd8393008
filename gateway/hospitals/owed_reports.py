"""The reports on storage commitment that peers are owed, in the database.

Whoever works on one moves the moment at which it is due ahead, so that no other does meanwhile, and it comes up again
by itself should they die.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from dicomweb.services.commitment.values import Reference, Verdict
from dimse.commitment_data import CommitmentReport, CommitmentRequest, Refused
from dimse.commitment_data import Reference as Named
from gateway.database import UnitOfWork
from gateway.hospitals.tables import CommitmentReportRow

MOST_OWED = 1000
"""To one peer; one that asks on and takes no reports is told to come back."""

PEERS_TURN = timedelta(seconds=5)
"""A report is given on the association of its request, if it can be; the background begins after that."""

KEPT_FOR = timedelta(days=30)
MESSAGE_LENGTH = 256


class Entered(Enum):
    """What became of a request that came in."""

    NEW = "new"
    AGAIN = "again"
    OTHER = "other"
    """The peer has used this Transaction UID for something else."""
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Owed:
    """One report in somebody's hands; `result` is None until the archive was looked through."""

    peer: str
    transaction_uid: str
    asked: Sequence[Reference]
    received_at: datetime
    attempts: int
    result: CommitmentReport | None


def enter(unit_of_work: UnitOfWork, hospital: str, peer: str, request: CommitmentRequest, at: datetime) -> Entered:
    """Note that a report is owed. The same request again has it reported again."""
    session = unit_of_work.session
    asked = [[one.sop_class_uid, one.sop_instance_uid] for one in request.references]
    row = session.scalar(_one(peer, request.transaction_uid).with_for_update())
    if row is not None:
        if row.asked != asked:
            return Entered.OTHER
        row.settled_at, row.attempts, row.received_at, row.next_attempt_at = None, 0, at, at + PEERS_TURN
        return Entered.AGAIN
    if _count_owed(session, peer) >= MOST_OWED:
        return Entered.TOO_MANY
    session.add(
        CommitmentReportRow(
            hospital_id=hospital,
            peer=peer,
            transaction_uid=request.transaction_uid,
            received_at=at,
            asked=asked,
            attempts=0,
            next_attempt_at=at + PEERS_TURN,
        )
    )
    return Entered.NEW


def take(unit_of_work: UnitOfWork, peer: str, transaction_uid: str, *, at: datetime, until: datetime) -> Owed | None:
    """Take this report in hand, before the background does; None where it is somebody else's now, or settled."""
    query = _one(peer, transaction_uid).where(
        CommitmentReportRow.settled_at.is_(None), CommitmentReportRow.next_attempt_at <= at + PEERS_TURN
    )
    return _taken(unit_of_work, query, until)


def take_next(unit_of_work: UnitOfWork, *, at: datetime, until: datetime) -> Owed | None:
    """Take the report in hand that is due the longest, of those that are due alike the one tried least."""
    query = (
        select(CommitmentReportRow)
        .where(CommitmentReportRow.settled_at.is_(None), CommitmentReportRow.next_attempt_at <= at)
        .order_by(CommitmentReportRow.next_attempt_at, CommitmentReportRow.attempts, CommitmentReportRow.id)
        .limit(1)
    )
    return _taken(unit_of_work, query, until)


def anything_due(session: Session, at: datetime) -> bool:
    """Whether a report waits to be worked on."""
    query = select(CommitmentReportRow.id).where(
        CommitmentReportRow.settled_at.is_(None), CommitmentReportRow.next_attempt_at <= at
    )
    return session.scalar(query.limit(1)) is not None


def keep_result(unit_of_work: UnitOfWork, owed: Owed, verdicts: Sequence[Verdict]) -> None:
    """Keep what the archive said of each instance."""
    result = [
        [one.reference.sop_class_uid, one.reference.sop_instance_uid, None if one.failure is None else int(one.failure)]
        for one in verdicts
    ]
    _set(unit_of_work, owed.peer, owed.transaction_uid, result=result)


def settle(unit_of_work: UnitOfWork, peer: str, transaction_uid: str, at: datetime, message: str) -> None:
    """The report was taken, or is given up; `message` says which."""
    _set(unit_of_work, peer, transaction_uid, settled_at=at, message=message[:MESSAGE_LENGTH])


def free(unit_of_work: UnitOfWork, peer: str, transaction_uid: str, at: datetime) -> None:
    """The report could not be given on the association of its request: it is due now."""
    _set(unit_of_work, peer, transaction_uid, next_attempt_at=at)


def put_off(unit_of_work: UnitOfWork, owed: Owed, until: datetime, message: str) -> None:
    """An attempt failed: try again at `until`."""
    values = {"next_attempt_at": until, "attempts": owed.attempts + 1, "message": message[:MESSAGE_LENGTH]}
    _set(unit_of_work, owed.peer, owed.transaction_uid, **values)


def leave_alone(unit_of_work: UnitOfWork, peer: str, at: datetime, until: datetime) -> None:
    """Let what else the peer is owed and is due at `at` be due at `until`: others are not to wait for it."""
    unit_of_work.session.execute(
        update(CommitmentReportRow)
        .where(
            CommitmentReportRow.peer == peer,
            CommitmentReportRow.settled_at.is_(None),
            CommitmentReportRow.next_attempt_at <= at,
        )
        .values(next_attempt_at=until)
        .execution_options(synchronize_session=False)
    )


def forget_old(unit_of_work: UnitOfWork, at: datetime) -> None:
    """Remove what was settled long ago."""
    unit_of_work.session.execute(
        delete(CommitmentReportRow).where(
            CommitmentReportRow.settled_at.is_not(None), CommitmentReportRow.received_at < at - KEPT_FOR
        )
    )


def report_of(transaction_uid: str, verdicts: Sequence[Verdict]) -> CommitmentReport:
    """What is told of these verdicts."""
    committed = tuple(_named(one) for one in verdicts if one.failure is None)
    refused = tuple(Refused(_named(one), int(one.failure)) for one in verdicts if one.failure is not None)
    return CommitmentReport(transaction_uid, committed, refused)


def _one(peer: str, transaction_uid: str) -> Select[CommitmentReportRow]:
    return select(CommitmentReportRow).where(
        CommitmentReportRow.peer == peer, CommitmentReportRow.transaction_uid == transaction_uid
    )


def _taken(unit_of_work: UnitOfWork, query: Select[CommitmentReportRow], until: datetime) -> Owed | None:
    row = unit_of_work.session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.next_attempt_at = until
    asked = [Reference(*pair) for pair in row.asked]
    result = None if row.result is None else _kept(row.transaction_uid, row.result)
    return Owed(row.peer, row.transaction_uid, asked, row.received_at, row.attempts, result)


def _kept(transaction_uid: str, result: Sequence[Sequence[str | int | None]]) -> CommitmentReport:
    named = [(Named(str(one[0]), str(one[1])), one[2]) for one in result]
    return CommitmentReport(
        transaction_uid,
        tuple(reference for reference, failure in named if failure is None),
        tuple(Refused(reference, int(failure)) for reference, failure in named if failure is not None),
    )


def _named(verdict: Verdict) -> Named:
    return Named(verdict.reference.sop_class_uid, verdict.reference.sop_instance_uid)


def _count_owed(session: Session, peer: str) -> int:
    query = (
        select(func.count())
        .select_from(CommitmentReportRow)
        .where(CommitmentReportRow.peer == peer, CommitmentReportRow.settled_at.is_(None))
    )
    return session.scalar(query) or 0


def _set(unit_of_work: UnitOfWork, peer: str, transaction_uid: str, **values: object) -> None:
    unit_of_work.session.execute(
        update(CommitmentReportRow)
        .where(CommitmentReportRow.peer == peer, CommitmentReportRow.transaction_uid == transaction_uid)
        .values(values)
        .execution_options(synchronize_session=False)
    )
