"""Requests for storage commitment in the database: made before they go out, answered whenever the answer comes."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from dimse.commitment_data import CommitmentReport, CommitmentRequest, Reference
from gateway.database import Database, UnitOfWork
from gateway.delivery.proving import findings
from gateway.delivery.proving.due import Unproven, load
from gateway.delivery.proving.in_hand import Renewal
from gateway.delivery.proving.rules import UNANSWERED_TOLERATED, ProofLimits, after_refusal, may_hold_two
from gateway.delivery.states import UNPROVEN
from gateway.delivery.tables import CommitmentReferenceRow, CommitmentRequestRow, DeliveryRow

KEPT_FOR = timedelta(days=90)
"""An answer that comes later finds nothing any more."""

_FORGOTTEN_AT_ONCE = 500
_OVERDUE_AT_ONCE = 20


class Outcome(StrEnum):
    """What became of a request, as `commitment_requests.outcome` has it."""

    ANSWERED = "answered"
    TIMEOUT = "timeout"
    """It was taken, and no answer came in time; one that comes later is believed all the same."""
    NOT_TAKEN = "not_taken"
    """The destination did not take it, or nobody knows whether it did."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is about to go out."""

    row_id: int
    message: CommitmentRequest


def anything_overdue(session: Session, destination: str, at: datetime) -> bool:
    """Whether a request waits for an answer that did not come in time."""
    query = select(CommitmentRequestRow.id).where(
        CommitmentRequestRow.destination == destination,
        CommitmentRequestRow.outcome.is_(None),
        CommitmentRequestRow.deadline <= at,
    )
    return bool(session.scalar(select(exists(query))))


def make(
    unit_of_work: UnitOfWork, destination: str, taken: Sequence[Unproven], *, at: datetime, until: datetime
) -> Asked:
    """Write a request down before it goes out; somebody else may make another one after `until`.

    What it asks for is not asked for again meanwhile.
    """
    session = unit_of_work.session
    row = CommitmentRequestRow(
        hospital_id=taken[0].hospital,
        destination=destination,
        transaction_uid=f"2.25.{uuid4().int}",
        created_at=at,
        deadline=until,
        tries=max(one.looks for one in taken) + 1,
    )
    session.add(row)
    session.flush()
    session.execute(insert(CommitmentReferenceRow), [_reference_row(row.id, one) for one in taken])
    _ask_again_at(unit_of_work, [one.delivery_id for one in taken], None)
    references = dict.fromkeys(Reference(one.sent.sop_class_uid, one.sent.sop_instance_uid) for one in taken)
    return Asked(row.id, CommitmentRequest(row.transaction_uid, tuple(references)))


def renewal(asked: Asked) -> Renewal:
    """Of a request, as long as it is only about to be taken."""
    return lambda unit_of_work, taken_until, until: _renew(unit_of_work, asked.row_id, taken_until, until)


def _renew(unit_of_work: UnitOfWork, row_id: int, taken_until: datetime, until: datetime) -> None:
    unit_of_work.session.execute(
        update(CommitmentRequestRow)
        .where(
            CommitmentRequestRow.id == row_id,
            CommitmentRequestRow.deadline == taken_until,
            CommitmentRequestRow.sent_at.is_(None),
            CommitmentRequestRow.outcome.is_(None),
        )
        .values(deadline=until)
        .execution_options(synchronize_session=False)
    )


def note_taken(unit_of_work: UnitOfWork, asked: Asked, *, at: datetime, deadline: datetime) -> None:
    """The destination took it; perhaps it has answered already."""
    row = unit_of_work.session.get(CommitmentRequestRow, asked.row_id, with_for_update=True)
    if row is not None:
        row.sent_at, row.deadline = at, deadline


def note_not_taken(unit_of_work: UnitOfWork, asked: Asked, *, until: datetime) -> None:
    """The destination did not take it, or may not have: what it asks for is due again at `until`."""
    row = unit_of_work.session.get(CommitmentRequestRow, asked.row_id, with_for_update=True)
    if row is not None and row.outcome is None:
        row.outcome = Outcome.NOT_TAKEN.value
        _ask_again_at(unit_of_work, _delivery_ids(unit_of_work.session, row.id), until)


def end_overdue(unit_of_work: UnitOfWork, destination: str, at: datetime) -> int:
    """End requests whose answer did not come in time, some at once; return how many. Their objects are due again.

    Only of those that the destination took is the silence counted.
    """
    session = unit_of_work.session
    query = (
        select(CommitmentRequestRow)
        .where(
            CommitmentRequestRow.destination == destination,
            CommitmentRequestRow.outcome.is_(None),
            CommitmentRequestRow.deadline <= at,
        )
        .limit(_OVERDUE_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    overdue = session.scalars(query).all()
    for row in overdue:
        was_taken = row.sent_at is not None
        row.outcome = (Outcome.TIMEOUT if was_taken else Outcome.NOT_TAKEN).value
        _ask_again_at(unit_of_work, _delivery_ids(session, row.id), at, looks=1 if was_taken else 0)
    return len(overdue)


def believe(
    unit_of_work: UnitOfWork,
    report: CommitmentReport,
    destinations: Collection[str],
    limits: ProofLimits,
    *,
    at: datetime,
    chance: Callable[[], float],
) -> bool:
    """Write down what a report says; False, and nothing is written, where `destinations` owe none on its transaction.

    Commitments are believed however late and often they are told. A failure counts while the request is open: after
    that the object may have been sent again.
    """
    session = unit_of_work.session
    row = session.scalar(
        select(CommitmentRequestRow)
        .where(CommitmentRequestRow.transaction_uid == report.transaction_uid)
        .with_for_update()
    )
    if row is None or row.destination not in destinations:
        return False
    references = session.scalars(
        select(CommitmentReferenceRow).where(CommitmentReferenceRow.request_id == row.id)
    ).all()
    _commit(unit_of_work, row, references, report, at)
    if row.outcome is None:
        _refuse(unit_of_work, row, references, report, limits, at=at, chance=chance)
    row.outcome = Outcome.ANSWERED.value
    row.answered_at = row.answered_at or at
    return True


def forget_requests(database: Database, at: datetime) -> None:
    """Remove requests that nobody answers any more."""
    while True:
        with database.write() as unit_of_work:
            if not _forget_some(unit_of_work.session, at):
                return


def _commit(
    unit_of_work: UnitOfWork,
    row: CommitmentRequestRow,
    references: Iterable[CommitmentReferenceRow],
    report: CommitmentReport,
    at: datetime,
) -> None:
    held = set(report.committed)
    committed = {one.delivery_id: one.hospital_id for one in references if _named(one) in held}
    findings.commit(unit_of_work, committed, row.destination, row.transaction_uid, at)


def _refuse(
    unit_of_work: UnitOfWork,
    row: CommitmentRequestRow,
    references: Iterable[CommitmentReferenceRow],
    report: CommitmentReport,
    limits: ProofLimits,
    *,
    at: datetime,
    chance: Callable[[], float],
) -> None:
    """What was refused is sent again, or ends; what the report leaves out is asked for again."""
    held = set(report.committed)
    reasons = {refused.reference: refused.reason for refused in report.refused}
    left = {one.delivery_id: one for one in references if _named(one) not in held}
    unmentioned = [delivery_id for delivery_id, one in left.items() if _named(one) not in reasons]
    _ask_again_at(unit_of_work, unmentioned, at, looks=1)
    for one in load(unit_of_work.session, left.keys() - set(unmentioned)):
        reference = left[one.delivery_id]
        reference.failure = reasons[_named(reference)]
        if one.state in UNPROVEN and may_hold_two(reference.failure, one.past()):
            _ask_again_at(unit_of_work, [one.delivery_id], at, looks=UNANSWERED_TOLERATED)  # by a query
        elif one.state in UNPROVEN:
            step = after_refusal(reference.failure, one.past(), limits, chance=chance())
            findings.take_step(unit_of_work, row.destination, one, step, at)


def _named(row: CommitmentReferenceRow) -> Reference:
    return Reference(row.sop_class_uid, row.sop_instance_uid)


def _reference_row(request_id: int, one: Unproven) -> dict[str, object]:
    return {
        "request_id": request_id,
        "delivery_id": one.delivery_id,
        "hospital_id": one.hospital,
        "sop_class_uid": one.sent.sop_class_uid,
        "sop_instance_uid": one.sent.sop_instance_uid,
    }


def _delivery_ids(session: Session, request_id: int) -> Sequence[int]:
    query = select(CommitmentReferenceRow.delivery_id).where(CommitmentReferenceRow.request_id == request_id)
    return session.scalars(query).all()


def _ask_again_at(
    unit_of_work: UnitOfWork, delivery_ids: Collection[int], moment: datetime | None, *, looks: int = 0
) -> None:
    """Set when proof is asked for next, of what is not committed and is not to be asked for earlier already."""
    if not delivery_ids:
        return
    sooner = [] if moment is None else [or_(DeliveryRow.prove_at.is_(None), DeliveryRow.prove_at > moment)]
    unit_of_work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(list(delivery_ids)), DeliveryRow.state.in_([state.value for state in UNPROVEN]))
        .where(*sooner)
        .values(prove_at=moment, looks=DeliveryRow.looks + looks)
        .execution_options(synchronize_session=False)
    )


def _forget_some(session: Session, at: datetime) -> int:
    query = select(CommitmentRequestRow.id).where(
        CommitmentRequestRow.created_at < at - KEPT_FOR, CommitmentRequestRow.outcome.is_not(None)
    )
    old = session.scalars(query.limit(_FORGOTTEN_AT_ONCE)).all()
    if old:
        session.execute(delete(CommitmentRequestRow).where(CommitmentRequestRow.id.in_(old)))
    return len(old)
