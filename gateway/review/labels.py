"""Labels: what doctors and rules said of photos, for the trainer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, NotPermitted, Permission
from gateway.database import UnitOfWork, now
from gateway.events.sequencer import append
from gateway.review.tables import LabelRow
from inference.rules import REASON_CODES

Source = Literal["doctor", "rule"]
SEQUENCE = "labels"

REASONS = REASON_CODES
"""Why a photo is unusable; the suitability model's labels are `usable` and these."""


class InvalidLabel(Exception):
    """The label contradicts itself."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label; `number` follows the order of commits, `said_by` is the id of the caller who posted it."""

    number: int
    hospital: str
    photo_id: str
    usable: bool
    reason: str | None
    source: Source
    said_at: datetime
    said_by: str


def add_label(
    unit_of_work: UnitOfWork,
    caller: Caller,
    *,
    hospital: str,
    photo_id: str,
    usable: bool,
    reason: str | None,
    source: Source = "doctor",
) -> None:
    """Keep a label; an unusable photo needs one of REASONS, a usable one has none.

    Raises NotPermitted, also for a photo of a hospital outside the caller's scope, and InvalidLabel.
    """
    needed = Permission.WRITE_LABELS if source == "doctor" else Permission.WRITE_RULE_LABELS
    if not caller.require_hospital_wide(needed).sees(hospital):
        raise NotPermitted(needed)
    if usable and reason is not None:
        raise InvalidLabel("a usable photo has no reason")
    if not usable and reason not in REASONS:
        raise InvalidLabel(f"an unusable photo needs a reason: {', '.join(REASONS)}")
    audit(unit_of_work.session, caller, Action.PATIENT_RECORD, subject=f"photo/{photo_id}", hospital=hospital)
    entry = {
        "hospital_id": hospital,
        "submission_id": photo_id,
        "usable": usable,
        "reason": reason,
        "source": source,
        "said_by": caller.id,
        "said_at": now(),
    }
    append(unit_of_work, SEQUENCE, LabelRow, entry)


def read_labels(session: Session, caller: Caller, *, after: int, limit: int) -> Sequence[Label]:
    """Labels numbered above `after` that the caller may see, in order; raises NotPermitted."""
    scope = caller.require_hospital_wide(Permission.READ_LABELS)
    query = select(LabelRow).where(LabelRow.number > after).order_by(LabelRow.number).limit(limit)
    if scope.hospitals is not None:
        query = query.where(LabelRow.hospital_id.in_(scope.hospitals))
    return [
        Label(
            number=row.number,
            hospital=row.hospital_id,
            photo_id=row.submission_id,
            usable=row.usable,
            reason=row.reason,
            source="rule" if row.source == "rule" else "doctor",
            said_at=row.said_at,
            said_by=row.said_by,
        )
        for row in session.scalars(query)
    ]
