"""What came of trainers' rounds, as they tell it: kept once, told as an event, listed for who runs the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission
from gateway.database import UnitOfWork, now
from gateway.events.log import EVERYWHERE, EventType, record
from gateway.serving.tables import ModelOutcomeRow


class Came(StrEnum):
    """What came of a round: a model, none that the gate lets pass, or nothing that could be fitted."""

    TRAINED = "trained"
    REFUSED = "refused"
    FAILED = "failed"


_EVENTS = {
    Came.TRAINED: EventType.MODEL_TRAINED,
    Came.REFUSED: EventType.MODEL_REFUSED,
    Came.FAILED: EventType.MODEL_REFUSED,
}


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """An outcome as it was told; `data` is what the trainer posted."""

    id: str
    told_at: datetime
    told_by: str
    data: dict[str, Any]


def keep_outcome(unit_of_work: UnitOfWork, caller: Caller, outcome_id: str, came: Came, data: dict[str, Any]) -> bool:
    """Keep an outcome and tell of it; False, and nothing is done, where one of this id was kept before.

    `data` has the JSON of the posted outcome, `task` among it. Raises NotPermitted.
    """
    caller.require_hospital_wide(Permission.REPORT_TRAINING)
    session = unit_of_work.session
    if session.get(ModelOutcomeRow, outcome_id) is not None:
        return False
    row = ModelOutcomeRow(
        id=outcome_id, task=data["task"], came=came.value, told_at=now(), told_by=caller.id, data=data
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same outcome, at the same moment
        return False
    subject = f"training/{outcome_id}"
    audit(session, caller, Action.IMPORTED, subject=subject)
    record(unit_of_work, _EVENTS[came], hospital=EVERYWHERE, subject=subject, data=data)
    return True


def list_outcomes(session: Session, caller: Caller, *, limit: int) -> Sequence[ToldOutcome]:
    """The newest outcomes first; raises NotPermitted."""
    caller.require(Permission.READ_MODELS)
    newest = select(ModelOutcomeRow).order_by(ModelOutcomeRow.told_at.desc(), ModelOutcomeRow.id).limit(limit)
    return [ToldOutcome(row.id, row.told_at, row.told_by, row.data) for row in session.scalars(newest)]
