"""What destinations say that they have and were not seen to have: how much, since when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, or_, select, union
from sqlalchemy.orm import Session

from gateway.delivery.proving.findings import LEFT_UNPROVEN, tells_of_proof
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import CommitmentReferenceRow, CommitmentRequestRow, DeliveryRow

LEFT_LATELY = timedelta(hours=24)
"""What nobody asks for any more is told for so long: it stays as it is for good, and an alarm must end."""

UNANSWERED = "storage commitment was asked for, and not answered yet"
_OWED_AFTER = timedelta(minutes=1)
_ASKED_FOR_WORDS = 20

_SENT = DeliveryRow.state == DeliveryState.SENT.value


@dataclass(frozen=True, slots=True)
class Unproven:
    """One destination's deliveries that are `sent` and for which proof was wanted.

    `count` are those of which it is still asked for, the oldest sent `oldest_seconds` ago (0 where there are none);
    `left` those sent within LEFT_LATELY of which nothing more can be asked. `because` says why, in words, where that
    is known.
    """

    count: int = 0
    oldest_seconds: float = 0.0
    left: int = 0
    because: str | None = None


def unproven(session: Session, destination: str, at: datetime, of: Sequence[ColumnElement[bool]] = ()) -> Unproven:
    """How the destination stands at the moment `at`; `of` are conditions that narrow the deliveries down."""
    asked_for = [DeliveryRow.id.in_(_asked_for(destination, at)), _SENT, *of]
    count, oldest = session.execute(select(func.count(), func.min(DeliveryRow.sent_at)).where(*asked_for)).one()
    left = [*_left(destination, at), *of]
    seconds = 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())
    return Unproven(
        count,
        seconds,
        session.scalar(select(func.count()).select_from(DeliveryRow).where(*left)) or 0,
        _words(session, select(DeliveryRow.last_message).where(*asked_for).order_by(DeliveryRow.sent_at))
        or _words(session, select(DeliveryRow.last_message).where(*left).order_by(DeliveryRow.next_attempt_at.desc()))
        or (UNANSWERED if count and _is_owed(session, destination, at) else None),
    )


def _asked_for(destination: str, at: datetime) -> CompoundSelect[int]:
    """Ids of those that are due to be asked for, by the index of these, and of those in an open request.

    Whoever asks moves these times ahead: nobody asks of what has been due for a day, its destination is set no more.
    """
    abandoned = at - LEFT_LATELY
    due = select(DeliveryRow.id).where(
        DeliveryRow.destination == destination, DeliveryRow.prove_at.is_not(None), DeliveryRow.prove_at > abandoned
    )
    requested = (
        select(CommitmentReferenceRow.delivery_id)
        .join(CommitmentRequestRow, CommitmentRequestRow.id == CommitmentReferenceRow.request_id)
        .where(
            CommitmentRequestRow.destination == destination,
            CommitmentRequestRow.outcome.is_(None),
            CommitmentRequestRow.deadline > abandoned,
        )
    )
    return union(due, requested)


def _left(destination: str, at: datetime) -> Sequence[ColumnElement[bool]]:
    """By the index of what is due: of what was sent, `next_attempt_at` is when that was."""
    return (
        DeliveryRow.destination == destination,
        _SENT,
        DeliveryRow.next_attempt_at > at - LEFT_LATELY,
        DeliveryRow.prove_at.is_(None),
        or_(*(DeliveryRow.last_message.startswith(words, autoescape=True) for words in LEFT_UNPROVEN)),
    )


def _is_owed(session: Session, destination: str, at: datetime) -> bool:
    """Whether the destination took a request a while ago that it has not answered."""
    request = select(CommitmentRequestRow.id).where(
        CommitmentRequestRow.destination == destination,
        CommitmentRequestRow.outcome.is_(None),
        CommitmentRequestRow.sent_at <= at - _OWED_AFTER,
    )
    return bool(session.scalar(select(request.exists())))


def _words(session: Session, messages: Select[str | None]) -> str | None:
    """The first among a few that says something of proof."""
    some = session.scalars(messages.limit(_ASKED_FOR_WORDS))
    return next((message for message in some if message and tells_of_proof(message)), None)
