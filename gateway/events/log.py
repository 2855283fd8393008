"""The one numbered log of what happened.

Numbers follow the order of commits, without gaps: a reader that has seen number N never finds a new event at or
below N. A bare database sequence cannot promise that (numbers are taken at insert and become visible at commit),
so the numbers of a transaction's events are taken as its last step, under the lock of the sequencer's one row,
which is held until the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.database import UnitOfWork, now
from gateway.events.tables import EventRow, EventSequenceRow

_PENDING = "gateway.events.pending"
SEQUENCER_ID = 1


class EventType(StrEnum):
    """Every kind of fact that others may wait for."""

    PHOTO_ACCEPTED = "photo.accepted"
    PHOTO_REJECTED = "photo.rejected"
    PHOTO_DELETED = "photo.deleted"
    REFERRAL_OPENED = "referral.opened"
    REFERRAL_VIDEO_REQUESTED = "referral.video_requested"
    OPINION_READY = "opinion.ready"
    DELIVERY_COMMITTED = "delivery.committed"
    DELIVERY_DEAD = "delivery.dead"
    INSTANCE_STORED = "instance.stored"
    INSTANCE_CORRECTED = "instance.corrected"
    INSTANCE_DELETED = "instance.deleted"
    MODEL_PROMOTED = "model.promoted"


@dataclass(frozen=True, slots=True)
class Event:
    """A numbered event as readers see it."""

    number: int
    type: EventType
    at: datetime
    hospital: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)


def record(
    unit_of_work: UnitOfWork,
    event_type: EventType,
    *,
    hospital: str,
    subject: str,
    data: dict[str, Any] | None = None,
) -> None:
    """Add an event to the unit of work; it is numbered when that commits. `data` holds no patient identity."""
    pending: list[dict[str, Any]] = unit_of_work.session.info.setdefault(_PENDING, [])
    pending.append(
        {
            "type": event_type.value,
            "at": now(),
            "hospital_id": hospital,
            "subject": subject,
            "data": data or {},
        }
    )
    unit_of_work.before_commit(_PENDING, lambda: _number(unit_of_work.session))


def _number(session: Session) -> None:
    pending: list[dict[str, Any]] = session.info.pop(_PENDING)
    last = session.execute(
        update(EventSequenceRow)
        .where(EventSequenceRow.id == SEQUENCER_ID)
        .values(last_number=EventSequenceRow.last_number + len(pending))
        .returning(EventSequenceRow.last_number)
    ).scalar_one()
    first = last - len(pending) + 1
    session.execute(insert(EventRow), [{"number": first + place, **entry} for place, entry in enumerate(pending)])


def read(session: Session, scope: Scope, *, after: int, limit: int, types: Sequence[EventType] = ()) -> Sequence[Event]:
    """Events numbered above `after` within the scope, in order, at most `limit`."""
    query = select(EventRow).where(EventRow.number > after).order_by(EventRow.number).limit(limit)
    if scope.hospitals is not None:
        query = query.where(EventRow.hospital_id.in_(scope.hospitals))
    if types:
        query = query.where(EventRow.type.in_([event_type.value for event_type in types]))
    return [_event(row) for row in session.scalars(query)]


def last_number(session: Session) -> int:
    """The highest number given out so far."""
    return session.scalar(select(EventSequenceRow.last_number).where(EventSequenceRow.id == SEQUENCER_ID)) or 0


def _event(row: EventRow) -> Event:
    return Event(
        number=row.number,
        type=EventType(row.type),
        at=row.at,
        hospital=row.hospital_id,
        subject=row.subject,
        data=row.data,
    )
