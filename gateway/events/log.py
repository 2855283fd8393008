"""The one numbered log of what happened; its numbers follow the order of commits (see sequencer)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.database import UnitOfWork, now
from gateway.events.sequencer import append
from gateway.events.tables import EventRow

SEQUENCE = "events"

EVERYWHERE = "*"
"""The hospital of what concerns all of them, which each reader sees; no hospital can have this name."""


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
    MODEL_TRAINED = "model.trained"
    MODEL_REFUSED = "model.refused"
    LIBRARY_CASE_ADDED = "library.case_added"
    LIBRARY_CASE_WITHDRAWN = "library.case_withdrawn"


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
    unit_of_work: UnitOfWork, event_type: EventType, *, hospital: str, subject: str, data: dict[str, Any] | None = None
) -> None:
    """Add an event to the unit of work; it is numbered when that commits. `data` holds no patient identity."""
    entry = {"type": event_type.value, "at": now(), "hospital_id": hospital, "subject": subject, "data": data or {}}
    append(unit_of_work, SEQUENCE, EventRow, entry)


def read(session: Session, scope: Scope, *, after: int, limit: int, types: Sequence[EventType] = ()) -> Sequence[Event]:
    """Events numbered above `after` within the scope, in order, at most `limit`."""
    query = select(EventRow).where(EventRow.number > after).order_by(EventRow.number).limit(limit)
    if scope.hospitals is not None:
        query = query.where(EventRow.hospital_id.in_([*scope.hospitals, EVERYWHERE]))
    if types:
        query = query.where(EventRow.type.in_([event_type.value for event_type in types]))
    return [_event(row) for row in session.scalars(query)]


def _event(row: EventRow) -> Event:
    return Event(
        number=row.number,
        type=EventType(row.type),
        at=row.at,
        hospital=row.hospital_id,
        subject=row.subject,
        data=row.data,
    )
