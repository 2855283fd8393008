"""Claiming due rows for a worker, under a lease that ends by itself when the worker does.

A claimed row is `sending`, with `claimed_by` and `claimed_until`. On PostgreSQL workers pass over each other's rows
with FOR UPDATE SKIP LOCKED; on SQLite the unit of work holds the one write lock from its beginning. A correction is
not due while a worker has what it corrects in hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from gateway.archive.tables import InstanceRow
from gateway.database import UnitOfWork
from gateway.delivery.states import WAITING, DeliveryState
from gateway.delivery.tables import MESSAGE_LENGTH, DeliveryRow


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in a worker's hands."""

    delivery_id: int
    hospital: str
    instance_id: int
    sop_instance_uid: str
    revision: int
    destination: str
    attempts: int
    queued_at: datetime


def anything_due(session: Session, destination: str, at: datetime) -> bool:
    """Whether a row of the destination can be claimed; asked without a lock, so that looking disturbs nobody."""
    return any(session.scalar(select(exists(query))) for query in _due(destination, at))


def claim(
    unit_of_work: UnitOfWork, destination: str, worker: str, *, limit: int, at: datetime, until: datetime
) -> Sequence[Claim]:
    """Take up to `limit` due rows of the destination, the longest due first, with a lease to `until`.

    Due is what waits and whose time has come, and what a worker left behind whose lease is over.
    """
    session = unit_of_work.session
    found = [
        (row.next_attempt_at, row.id)
        for query in _due(destination, at)
        for row in session.execute(query.limit(limit).with_for_update(skip_locked=True))
    ]
    chosen = [delivery_id for _due_at, delivery_id in sorted(found)[:limit]]
    if not chosen:
        return ()
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(chosen))
        .values(state=DeliveryState.SENDING.value, claimed_by=worker, claimed_until=until)
        .execution_options(synchronize_session=False)
    )
    return _load(session, chosen)


def give_back(unit_of_work: UnitOfWork, claims: Iterable[Claim], worker: str, message: str | None = None) -> None:
    """Let rows wait again as they did before, nothing counted against them; `message` says why, where it matters."""
    values: dict[str, Any] = {} if message is None else {"last_message": message[:MESSAGE_LENGTH]}
    _release(unit_of_work.session, DeliveryRow.id.in_([taken.delivery_id for taken in claims]), worker, **values)


def renew(unit_of_work: UnitOfWork, worker: str, delivery_ids: Iterable[int], until: datetime) -> frozenset[int]:
    """Move the end of the leases of what the worker has in hand; return which of them it still had."""
    renewed = unit_of_work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(list(delivery_ids)), DeliveryRow.claimed_by == worker)
        .values(claimed_until=until)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return frozenset(renewed.scalars())


def release_all(unit_of_work: UnitOfWork) -> int:
    """End every lease, whoever holds it: for a start where no other worker can be. Return how many there were."""
    return _release(unit_of_work.session, DeliveryRow.claimed_by.is_not(None), None)


def release_abandoned(unit_of_work: UnitOfWork, destination: str, at: datetime) -> int:
    """Let what workers left behind wait again: for a destination that nobody claims from. Return how many."""
    return _release(unit_of_work.session, and_(DeliveryRow.destination == destination, _lease_is_over(at)), None)


def _release(session: Session, which: ColumnElement[bool], worker: str | None, **values: Any) -> int:
    held = [which, DeliveryRow.state == DeliveryState.SENDING.value]
    if worker is not None:
        held.append(DeliveryRow.claimed_by == worker)
    before = case((DeliveryRow.attempts == 0, DeliveryState.QUEUED.value), else_=DeliveryState.FAILED.value)
    released = session.execute(
        update(DeliveryRow)
        .where(*held)
        .values(state=before, claimed_by=None, claimed_until=None, **values)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(released.all())


def _due(destination: str, at: datetime) -> Sequence[Select[int, datetime]]:
    """One query for each state, each an ordered walk along the index `deliveries_due`."""
    waiting = [and_(DeliveryRow.state == state.value, DeliveryRow.next_attempt_at <= at) for state in WAITING]
    abandoned = and_(DeliveryRow.state == DeliveryState.SENDING.value, _lease_is_over(at))
    return [
        select(DeliveryRow.id, DeliveryRow.next_attempt_at)
        .where(DeliveryRow.destination == destination, condition, ~_follows_one_in_hand(at))
        .order_by(DeliveryRow.next_attempt_at, DeliveryRow.id)
        for condition in (*waiting, abandoned)
    ]


def _lease_is_over(at: datetime) -> ColumnElement[bool]:
    return or_(DeliveryRow.claimed_until.is_(None), DeliveryRow.claimed_until <= at)


def _follows_one_in_hand(at: datetime) -> ColumnElement[bool]:
    """Whether an older revision of it is being sent there: a correction that overtook it would be undone by it."""
    older = aliased(DeliveryRow)
    in_hand = select(older.id).where(
        older.instance_id == DeliveryRow.instance_id,
        older.destination == DeliveryRow.destination,
        older.revision < DeliveryRow.revision,
        older.state == DeliveryState.SENDING.value,
        older.claimed_until > at,
    )
    return and_(DeliveryRow.revision > 1, exists(in_hand))


def _load(session: Session, ids: Sequence[int]) -> Sequence[Claim]:
    columns = (
        DeliveryRow.id,
        DeliveryRow.hospital_id,
        DeliveryRow.instance_id,
        InstanceRow.sop_instance_uid,
        DeliveryRow.revision,
        DeliveryRow.destination,
        DeliveryRow.attempts,
        DeliveryRow.queued_at,
    )
    rows = session.execute(
        select(*columns)
        .join(InstanceRow, InstanceRow.id == DeliveryRow.instance_id)
        .where(DeliveryRow.id.in_(ids))
        .order_by(DeliveryRow.next_attempt_at, DeliveryRow.id)
    )
    return [Claim(*row) for row in rows]
