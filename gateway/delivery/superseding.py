"""Corrected instances go where what they replace went, or was to go."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.config import Destination
from gateway.database import UnitOfWork
from gateway.delivery.enqueue import enqueue
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow

WORDS = "a correction takes its place"

_NOT_WANTED = frozenset({DeliveryState.CANCELLED, DeliveryState.NOT_ACCEPTED})
_REPLACED = (DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.DEAD)
"""What is not sent any more: the destination gets the corrected object instead."""


def supersede(
    unit_of_work: UnitOfWork,
    hospital: str,
    instance_id: int,
    revision: int,
    destinations: Iterable[Destination],
    *,
    everywhere: bool = False,
) -> tuple[str, ...]:
    """Queue a corrected revision for every destination that has an older one, or waits for it; returns their names.

    Older ones that wait are cancelled; where one is being sent at this moment, the corrected one is claimed after it.
    With `everywhere` all destinations of the hospital get it, those too that had none.
    """
    session = unit_of_work.session
    older = _older(session, instance_id, revision)
    wanted = {row.destination for row in older if DeliveryState(row.state) not in _NOT_WANTED}
    chosen = [each for each in destinations if everywhere or each.name in wanted]
    names = enqueue(unit_of_work, hospital, instance_id, revision, chosen)
    for row in older:
        row.prove_at = None  # sent again for want of proof, the wrong one would come after the right one
    _cancel(session, [row for row in older if DeliveryState(row.state) in _REPLACED])
    return names


def _older(session: Session, instance_id: int, revision: int) -> Sequence[DeliveryRow]:
    query = select(DeliveryRow).where(DeliveryRow.instance_id == instance_id, DeliveryRow.revision < revision)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _cancel(session: Session, rows: Iterable[DeliveryRow]) -> None:
    for row in rows:
        row.state = DeliveryState.CANCELLED.value
        row.last_message = WORDS
    session.flush()
