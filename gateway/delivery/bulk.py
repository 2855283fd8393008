"""Sending again or cancelling many deliveries at once, in short transactions, so that nobody waits for the lock."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gateway.access.caller import Caller, Permission
from gateway.database import Database, UnitOfWork
from gateway.delivery.errors import IllegalTransition, UnknownDelivery
from gateway.delivery.service import Delivery, cancel, operators_scope, retry
from gateway.delivery.states import WAITING, DeliveryState, may_become
from gateway.delivery.tables import DeliveryRow

BATCH = 200


class Act(StrEnum):
    """What can be done to many."""

    RETRY = "retry"
    CANCEL = "cancel"


_FUNCTIONS: Mapping[Act, Callable[[UnitOfWork, Caller, int], Delivery]] = {Act.RETRY: retry, Act.CANCEL: cancel}
_LEADS_TO: Mapping[Act, DeliveryState] = {Act.RETRY: DeliveryState.QUEUED, Act.CANCEL: DeliveryState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Which:
    """Which deliveries are meant: those in a state, of one destination (None: of any), queued before a moment."""

    state: DeliveryState
    destination: str | None = None
    queued_before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        conditions = [DeliveryRow.state == self.state.value]
        if self.destination is not None:
            conditions.append(DeliveryRow.destination == self.destination)
        if self.queued_before is not None:
            conditions.append(DeliveryRow.queued_at < self.queued_before)
        return conditions


def states_for(act: Act) -> tuple[DeliveryState, ...]:
    """The states in which something can be sent again, or cancelled, by hand."""
    return tuple(
        state for state in DeliveryState if state is not DeliveryState.SENDING and may_become(state, _LEADS_TO[act])
    )


def count_deliveries(session: Session, caller: Caller, which: Which) -> int:
    """How many there are in the caller's scope. Raises NotPermitted."""
    return session.scalar(select(func.count()).select_from(DeliveryRow).where(*_meant(caller, which))) or 0


def count_in_hand(session: Session, caller: Caller, which: Which) -> int:
    """How many of those that would be meant once they wait again are being sent, or tried, at this moment.

    None unless `which` means what waits. Raises NotPermitted.
    """
    return (
        count_deliveries(session, caller, replace(which, state=DeliveryState.SENDING)) if which.state in WAITING else 0
    )


def change_many(database: Database, caller: Caller, which: Which, act: Act) -> Iterator[int]:
    """Do it to each that is there now, a batch a transaction; yield how many each batch changed.

    One that changes its state meanwhile is left alone. Each is entered in the audit trail. Raises NotPermitted.
    """
    with database.read() as session:
        last = session.scalar(select(func.max(DeliveryRow.id))) or 0
    after = 0
    while True:
        with database.write() as unit_of_work:
            ids = _next_ids(unit_of_work.session, caller, which, after, last)
            changed = sum(_changed(unit_of_work, caller, delivery_id, act) for delivery_id in ids)
        if not ids:
            return
        after = ids[-1]
        yield changed


def _next_ids(session: Session, caller: Caller, which: Which, after: int, last: int) -> list[int]:
    query = select(DeliveryRow.id).where(*_meant(caller, which), DeliveryRow.id > after, DeliveryRow.id <= last)
    return list(session.scalars(query.order_by(DeliveryRow.id).limit(BATCH)))


def _changed(unit_of_work: UnitOfWork, caller: Caller, delivery_id: int, act: Act) -> bool:
    try:
        _FUNCTIONS[act](unit_of_work, caller, delivery_id)
    except (IllegalTransition, UnknownDelivery):
        return False
    return True


def _meant(caller: Caller, which: Which) -> list[ColumnElement[bool]]:
    scope = operators_scope(caller, Permission.MANAGE_DELIVERIES)
    conditions = which.conditions()
    if scope.hospitals is not None:
        conditions.append(DeliveryRow.hospital_id.in_(scope.hospitals))
    return conditions
