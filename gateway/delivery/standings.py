"""How each destination stands, for whoever operates the gateway: its queue, its last hour, its trouble."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Caller, Permission
from gateway.config import Destination, StowDestination
from gateway.delivery.figures import ARRIVED, Hospitals, QueueFigures, queue_figures
from gateway.delivery.history import NOTHING, Failure, History, Minute, histories
from gateway.delivery.metering import Reading
from gateway.delivery.service import operators_scope
from gateway.delivery.states import WAITING, DeliveryState
from gateway.delivery.tables import DeliveryAttemptRow, DeliveryRow
from gateway.delivery.unproven import Unproven

_ASKED_FOR_TROUBLE = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """One destination.

    `kind` is None for one that deliveries are meant for and the settings do not name. `states` counts deliveries;
    `oldest_waiting_seconds` is 0 where nothing waits. `trouble` says why what waits longest does, in words,
    `unproven` what was sent and not seen to be there, `reasons` why what ended last in a state short of proof did, by
    that state. `is_down` is None where this process does not send. `minutes` are the last 60, the oldest first.
    """

    name: str
    kind: str | None
    address: str
    hospital: str | None
    states: Mapping[str, int]
    waiting: int
    oldest_waiting_seconds: float
    last_sent_at: datetime | None
    trouble: str | None
    is_down: bool | None
    pause_seconds: float
    sent_last_hour: int
    minutes: Sequence[Minute]
    failures: Sequence[Failure]
    unproven: Unproven
    reasons: Mapping[str, str]


def standings(
    session: Session, caller: Caller, destinations: Iterable[Destination], readings: Iterable[Reading], at: datetime
) -> Sequence[Standing]:
    """How every destination of the caller's hospitals stands, by name. Raises NotPermitted."""
    hospitals = operators_scope(caller, Permission.READ_DELIVERIES).hospitals
    settings = {each.name: each for each in destinations if hospitals is None or each.hospital in hospitals}
    queues = {queue.destination: queue for queue in queue_figures(session, at, hospitals)}
    past = histories(session, at, hospitals)
    now_down = {reading.destination: reading for reading in readings}
    return [
        _standing(
            name,
            settings.get(name),
            queues.get(name),
            past=past.get(name, NOTHING),
            reading=now_down.get(name),
            trouble=_trouble(session, name, hospitals),
            last_sent_at=_last_sent_at(session, name, hospitals),
            reasons=_reasons(session, name, hospitals),
        )
        for name in sorted(settings.keys() | {name for name, queue in queues.items() if queue.waiting})
    ]


def address_of(destination: Destination) -> str:
    """Where it is, as an operator writes it."""
    if isinstance(destination, StowDestination):
        return destination.url
    return f"{destination.ae_title} · {destination.host}:{destination.port}"


def _standing(
    name: str,
    settings: Destination | None,
    queue: QueueFigures | None,
    *,
    past: History,
    reading: Reading | None,
    trouble: str | None,
    last_sent_at: datetime | None,
    reasons: Mapping[str, str],
) -> Standing:
    return Standing(
        name=name,
        kind=settings.kind if settings else None,
        address=address_of(settings) if settings else "",
        hospital=settings.hospital if settings else None,
        states=queue.states if queue else {},
        waiting=queue.waiting if queue else 0,
        oldest_waiting_seconds=queue.oldest_waiting_seconds if queue else 0.0,
        last_sent_at=last_sent_at,
        trouble=trouble,
        is_down=reading.is_down if reading else None,
        pause_seconds=reading.pause_seconds if reading else 0.0,
        sent_last_hour=past.sent,
        minutes=past.minutes,
        failures=past.failures,
        unproven=queue.unproven if queue else Unproven(),
        reasons=reasons,
    )


def _trouble(session: Session, destination: str, hospitals: Hospitals) -> str | None:
    """The last word on what is due first among what waits; looked for among a few, each state along its index."""
    for state in reversed(WAITING):
        query = select(DeliveryRow.last_message).where(
            DeliveryRow.destination == destination, DeliveryRow.state == state.value
        )
        if hospitals is not None:
            query = query.where(DeliveryRow.hospital_id.in_(hospitals))
        first = session.scalars(query.order_by(DeliveryRow.next_attempt_at, DeliveryRow.id).limit(_ASKED_FOR_TROUBLE))
        words = next((message for message in first if message), None)
        if words is not None:
            return words
    return None


def _reasons(session: Session, destination: str, hospitals: Hospitals) -> Mapping[str, str]:
    """The last words on what was tried last in each state that ended short of proof, along the index of the state."""
    found = {}
    for state in (DeliveryState.DEAD, DeliveryState.NOT_ACCEPTED):
        query = select(DeliveryRow.last_message).where(
            DeliveryRow.destination == destination, DeliveryRow.state == state.value
        )
        if hospitals is not None:
            query = query.where(DeliveryRow.hospital_id.in_(hospitals))
        words = session.scalar(query.order_by(DeliveryRow.next_attempt_at.desc(), DeliveryRow.id.desc()).limit(1))
        if words:
            found[state.value] = words
    return found


def _last_sent_at(session: Session, destination: str, hospitals: Hospitals) -> datetime | None:
    """When the last attempt arrived: the newest row of each such outcome, by the index that leads to it."""
    query = select(DeliveryAttemptRow.ended_at).where(DeliveryAttemptRow.destination == destination)
    if hospitals is not None:
        query = query.where(DeliveryAttemptRow.hospital_id.in_(hospitals))
    newest = [
        session.scalar(
            query.where(DeliveryAttemptRow.outcome == outcome).order_by(DeliveryAttemptRow.id.desc()).limit(1)
        )
        for outcome in ARRIVED
    ]
    return max((moment for moment in newest if moment is not None), default=None)
