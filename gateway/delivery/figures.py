"""Figures of the outbox for the metrics, without identity."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.delivery.rules import SETTLED
from gateway.delivery.states import WAITING, DeliveryState
from gateway.delivery.tables import DeliveryAttemptRow, DeliveryRow
from gateway.delivery.unproven import Unproven, unproven

_SENT = (DeliveryState.SENT, DeliveryState.CONFIRMED, DeliveryState.COMMITTED)
ARRIVED = frozenset(reaction.value for reaction, state in SETTLED.items() if state is DeliveryState.SENT)
"""What comes of attempts after which the destination has the instance."""

Hospitals = Collection[str] | None
"""The hospitals whose deliveries are meant; None: of all."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One destination's queue.

    `waiting` counts what is queued, failed or being sent; `oldest_waiting_seconds` is 0 where nothing is. `sent`,
    proved or not, `dead` and `not_accepted` count deliveries, `states` those in each state; `attempts_sent` and
    `attempts_failed` count every attempt ever made. `unproven` is what was sent and not seen to be there.
    """

    destination: str
    waiting: int
    oldest_waiting_seconds: float
    sent: int
    dead: int
    not_accepted: int
    attempts_sent: int
    attempts_failed: int
    states: Mapping[str, int]
    unproven: Unproven


def queue_figures(session: Session, at: datetime, hospitals: Hospitals = None) -> Sequence[QueueFigures]:
    """The figures of every destination that ever had a delivery, by name, as of the moment `at`."""
    states = _counts(session, DeliveryRow.destination, DeliveryRow.state, _of(DeliveryRow.hospital_id, hospitals))
    attempts = _counts(
        session,
        DeliveryAttemptRow.destination,
        DeliveryAttemptRow.outcome,
        _of(DeliveryAttemptRow.hospital_id, hospitals),
    )
    return [
        QueueFigures(
            destination=destination,
            waiting=sum(counts.get(state.value, 0) for state in (*WAITING, DeliveryState.SENDING)),
            oldest_waiting_seconds=_oldest_waiting_seconds(session, destination, at, hospitals),
            sent=sum(counts.get(state.value, 0) for state in _SENT),
            dead=counts.get(DeliveryState.DEAD.value, 0),
            not_accepted=counts.get(DeliveryState.NOT_ACCEPTED.value, 0),
            attempts_sent=sum(n for outcome, n in attempts.get(destination, {}).items() if outcome in ARRIVED),
            attempts_failed=sum(n for outcome, n in attempts.get(destination, {}).items() if outcome not in ARRIVED),
            states=counts,
            unproven=unproven(session, destination, at, _of(DeliveryRow.hospital_id, hospitals)),
        )
        for destination, counts in sorted(states.items())
    ]


def _of(column: InstrumentedAttribute[str], hospitals: Hospitals) -> Sequence[ColumnElement[bool]]:
    return () if hospitals is None else (column.in_(hospitals),)


def _counts(
    session: Session,
    destination: InstrumentedAttribute[str],
    kind: InstrumentedAttribute[str],
    conditions: Sequence[ColumnElement[bool]],
) -> dict[str, dict[str, int]]:
    """How many rows there are of each kind, by destination and kind."""
    counts: dict[str, dict[str, int]] = {}
    query = select(destination, kind, func.count()).where(*conditions).group_by(destination, kind)
    for name, value, number in session.execute(query):
        counts.setdefault(name, {})[value] = number
    return counts


def _oldest_waiting_seconds(session: Session, destination: str, at: datetime, hospitals: Hospitals) -> float:
    states = [state.value for state in (*WAITING, DeliveryState.SENDING)]
    oldest = session.scalar(
        select(func.min(DeliveryRow.queued_at)).where(
            DeliveryRow.destination == destination,
            DeliveryRow.state.in_(states),
            *_of(DeliveryRow.hospital_id, hospitals),
        )
    )
    return 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())
