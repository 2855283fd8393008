"""What callers may ask of the outbox: look, send again, cancel; each within the caller's scope."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, NotPermitted, Permission, Scope
from gateway.archive.tables import InstanceRow
from gateway.database import UnitOfWork, now
from gateway.delivery.bell import QUEUED
from gateway.delivery.errors import NotCancellable, NotRetriable, UnknownDelivery
from gateway.delivery.states import DeliveryState, may_become
from gateway.delivery.tables import DeliveryRow

LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Proof:
    """The best proof that a destination holds what was sent: its kind (`proving.prover.ProofKind`), since when.

    `transaction_uid` is that of the storage commitment, where it is one.
    """

    kind: str
    at: datetime
    transaction_uid: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as callers see it; `last_status` is the DIMSE status as four hexadecimal digits.

    `sent_*` are the UIDs of a copy that went in its place, None where it went itself.
    """

    id: int
    hospital: str
    instance_id: int
    sop_instance_uid: str
    revision: int
    destination: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    confirmed_at: datetime | None
    committed_at: datetime | None
    sent_sop_class_uid: str | None
    sent_sop_instance_uid: str | None
    proof: Proof | None
    last_status: str | None
    last_message: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Deliveries, the newest first; `next_cursor` asks for those behind them, None where there are none."""

    deliveries: Sequence[Delivery]
    next_cursor: int | None


def list_deliveries(
    session: Session,
    caller: Caller,
    *,
    state: DeliveryState | None = None,
    destination: str | None = None,
    queued_before: datetime | None = None,
    limit: int = 100,
    cursor: int | None = None,
) -> Page:
    """One page of the deliveries in the caller's scope, at most `limit` (1 to 1000).

    Pages do not shift under a reader: `cursor` is the last id that was seen. Raises NotPermitted.
    """
    query = _in_scope(operators_scope(caller, Permission.READ_DELIVERIES))
    if state is not None:
        query = query.where(DeliveryRow.state == state.value)
    if destination is not None:
        query = query.where(DeliveryRow.destination == destination)
    if queued_before is not None:
        query = query.where(DeliveryRow.queued_at < queued_before)
    if cursor is not None:
        query = query.where(DeliveryRow.id < cursor)
    size = max(1, min(limit, LARGEST_PAGE))
    rows = session.execute(query.order_by(DeliveryRow.id.desc()).limit(size + 1)).all()
    deliveries = [_delivery(row) for row in rows[:size]]
    return Page(deliveries, deliveries[-1].id if len(rows) > size else None)


def any_for(session: Session, destination: str) -> bool:
    """Whether there ever was a delivery to a destination of this name."""
    return bool(session.scalar(select(exists().where(DeliveryRow.destination == destination))))


def deliveries_of(session: Session, scope: Scope, instance_ids: Iterable[int]) -> Mapping[int, Sequence[Delivery]]:
    """The deliveries of some instances by instance id, each in the order of queueing; an id may be missing.

    The instances themselves were found within the scope; here it keeps out other hospitals' rows once more.
    """
    found: dict[int, list[Delivery]] = {}
    query = _in_scope(scope).where(DeliveryRow.instance_id.in_(list(instance_ids))).order_by(DeliveryRow.id)
    for row in session.execute(query):
        found.setdefault(row.DeliveryRow.instance_id, []).append(_delivery(row))
    return found


def retry(unit_of_work: UnitOfWork, caller: Caller, delivery_id: int) -> Delivery:
    """Queue a delivery again that failed, died, was not accepted or was cancelled; its age counts anew.

    Raises NotPermitted, UnknownDelivery, NotRetriable.
    """
    row = _row_to_change(unit_of_work.session, caller, delivery_id)
    state = DeliveryState(row.state)
    if not may_become(state, DeliveryState.QUEUED) or state is DeliveryState.SENDING:
        raise NotRetriable(row.state, DeliveryState.QUEUED)
    row.state = DeliveryState.QUEUED.value
    row.queued_at = row.next_attempt_at = now()
    row.looks = row.resends = 0
    unit_of_work.after_commit(lambda: QUEUED.ring([row.destination]))
    return _changed(unit_of_work.session, caller, row, "retry")


def cancel(unit_of_work: UnitOfWork, caller: Caller, delivery_id: int) -> Delivery:
    """End a delivery that is not wanted any more.

    Raises NotPermitted, UnknownDelivery, NotCancellable.
    """
    row = _row_to_change(unit_of_work.session, caller, delivery_id)
    state = DeliveryState(row.state)
    if not may_become(state, DeliveryState.CANCELLED) or state is DeliveryState.SENDING:
        raise NotCancellable(row.state, DeliveryState.CANCELLED)
    row.state = DeliveryState.CANCELLED.value
    row.last_message = "cancelled by request"
    return _changed(unit_of_work.session, caller, row, "cancel")


def operators_scope(caller: Caller, permission: Permission) -> Scope:
    """The scope of a caller who operates the queue. Raises NotPermitted, for patients too."""
    scope = caller.require(permission)
    if scope.patient is not None:
        raise NotPermitted(permission)  # the queue is operated by a hospital, not by one of its patients
    return scope


def _in_scope(scope: Scope) -> Select[DeliveryRow, str]:
    query = select(DeliveryRow, InstanceRow.sop_instance_uid).join(
        InstanceRow, InstanceRow.id == DeliveryRow.instance_id
    )
    return query if scope.hospitals is None else query.where(DeliveryRow.hospital_id.in_(scope.hospitals))


def _row_to_change(session: Session, caller: Caller, delivery_id: int) -> DeliveryRow:
    scope = operators_scope(caller, Permission.MANAGE_DELIVERIES)
    row = session.get(DeliveryRow, delivery_id, with_for_update=True)
    if row is None or not scope.sees(row.hospital_id):
        raise UnknownDelivery(delivery_id)
    return row


def _changed(session: Session, caller: Caller, row: DeliveryRow, act: str) -> Delivery:
    sop_instance_uid = session.scalars(
        select(InstanceRow.sop_instance_uid).where(InstanceRow.id == row.instance_id)
    ).one()
    audit(
        session,
        caller,
        Action.EXPORTED,
        subject=sop_instance_uid,
        hospital=row.hospital_id,
        detail={"act": act, "delivery": row.id, "destination": row.destination},
    )
    return _view(row, sop_instance_uid)


def _delivery(row: Any) -> Delivery:
    return _view(row.DeliveryRow, row.sop_instance_uid)


def _view(row: DeliveryRow, sop_instance_uid: str) -> Delivery:
    state = DeliveryState(row.state)
    waits = state in (DeliveryState.QUEUED, DeliveryState.FAILED)
    return Delivery(
        id=row.id,
        hospital=row.hospital_id,
        instance_id=row.instance_id,
        sop_instance_uid=sop_instance_uid,
        revision=row.revision,
        destination=row.destination,
        state=state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at if waits else None,
        sent_at=row.sent_at,
        confirmed_at=row.confirmed_at,
        committed_at=row.committed_at,
        sent_sop_class_uid=row.sent_sop_class_uid,
        sent_sop_instance_uid=row.sent_sop_instance_uid,
        proof=_proof(row),
        last_status=row.last_status,
        last_message=row.last_message,
    )


def _proof(row: DeliveryRow) -> Proof | None:
    at = row.committed_at or row.confirmed_at
    return None if row.proof_kind is None or at is None else Proof(row.proof_kind, at, row.proof_transaction_uid)
