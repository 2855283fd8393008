"""Figures of the outbox for the metrics, without identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.delivery.rules import SETTLED
from gateway.delivery.states import WAITING, DeliveryState
from gateway.delivery.tables import DeliveryAttemptRow, DeliveryRow

_SENT = (DeliveryState.SENT, DeliveryState.CONFIRMED, DeliveryState.COMMITTED)
_ARRIVED = frozenset(reaction.value for reaction, state in SETTLED.items() if state is DeliveryState.SENT)


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One destination's queue.

    `waiting` counts what is queued, failed or being sent; `oldest_waiting_seconds` is 0 where nothing is. `sent`,
    proved or not, `dead` and `not_accepted` count deliveries, `states` those in each state; `attempts_sent` and
    `attempts_failed` count every attempt ever made.
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


def queue_figures(session: Session, at: datetime) -> Sequence[QueueFigures]:
    """The figures of every destination that ever had a delivery, by name, as of the moment `at`."""
    states = _counts(session)
    attempts = _attempts(session)
    return [
        QueueFigures(
            destination=destination,
            waiting=sum(counts.get(state.value, 0) for state in (*WAITING, DeliveryState.SENDING)),
            oldest_waiting_seconds=_oldest_waiting_seconds(session, destination, at),
            sent=sum(counts.get(state.value, 0) for state in _SENT),
            dead=counts.get(DeliveryState.DEAD.value, 0),
            not_accepted=counts.get(DeliveryState.NOT_ACCEPTED.value, 0),
            attempts_sent=sum(n for outcome, n in attempts.get(destination, {}).items() if outcome in _ARRIVED),
            attempts_failed=sum(n for outcome, n in attempts.get(destination, {}).items() if outcome not in _ARRIVED),
            states=counts,
        )
        for destination, counts in sorted(states.items())
    ]


def _counts(session: Session) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(DeliveryRow.destination, DeliveryRow.state, func.count()).group_by(
            DeliveryRow.destination, DeliveryRow.state
        )
    )
    for destination, state, number in rows:
        counts.setdefault(destination, {})[state] = number
    return counts


def _attempts(session: Session) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(DeliveryAttemptRow.destination, DeliveryAttemptRow.outcome, func.count()).group_by(
            DeliveryAttemptRow.destination, DeliveryAttemptRow.outcome
        )
    )
    for destination, outcome, number in rows:
        counts.setdefault(destination, {})[outcome] = number
    return counts


def _oldest_waiting_seconds(session: Session, destination: str, at: datetime) -> float:
    states = [state.value for state in (*WAITING, DeliveryState.SENDING)]
    oldest = session.scalar(
        select(func.min(DeliveryRow.queued_at)).where(
            DeliveryRow.destination == destination, DeliveryRow.state.in_(states)
        )
    )
    return 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())
