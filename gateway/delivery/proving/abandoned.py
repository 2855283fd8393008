"""Proofs that an earlier process had in hand, on a database that only one worker can use."""

from datetime import datetime

from sqlalchemy import update

from gateway.database import UnitOfWork
from gateway.delivery.states import UNPROVEN
from gateway.delivery.tables import CommitmentRequestRow, DeliveryRow


def release_proofs(unit_of_work: UnitOfWork, at: datetime) -> None:
    """Have looked for at once what nobody was seen to look for yet, and asked anew what may not have been asked.

    What was looked for in vain keeps its time: a process that starts again and again must not use up its chances.
    """
    session = unit_of_work.session
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.prove_at > at, DeliveryRow.looks == 0)
        .where(DeliveryRow.state.in_([state.value for state in UNPROVEN]))
        .values(prove_at=at)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(CommitmentRequestRow)
        .where(CommitmentRequestRow.outcome.is_(None), CommitmentRequestRow.sent_at.is_(None))
        .values(deadline=at)
        .execution_options(synchronize_session=False)
    )
