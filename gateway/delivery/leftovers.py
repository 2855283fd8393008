"""Deliveries for destinations that the settings no longer name.

No courier carries them. They wait in case the name comes back, say so, and die of age as all that waits does.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.database import UnitOfWork
from gateway.delivery import claims
from gateway.delivery.states import WAITING, DeliveryState
from gateway.delivery.tables import DeliveryRow

WORDS = "the settings name no such destination"


def unknown_destinations(session: Session, known: Collection[str]) -> Sequence[str]:
    """The names that something waits for, or is being sent to, and that are not among the `known`."""
    undone = [state.value for state in (*WAITING, DeliveryState.SENDING)]
    query = select(DeliveryRow.destination).where(
        DeliveryRow.destination.not_in(list(known)), DeliveryRow.state.in_(undone)
    )
    return session.scalars(query.distinct().order_by(DeliveryRow.destination)).all()


def explain(unit_of_work: UnitOfWork, destination: str, at: datetime) -> int:
    """Say on each row why it waits, on those too that a worker left behind; return how many there are."""
    claims.release_abandoned(unit_of_work, destination, at)
    waiting = unit_of_work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.destination == destination, DeliveryRow.state.in_([state.value for state in WAITING]))
        .values(last_message=WORDS)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(waiting.all())
