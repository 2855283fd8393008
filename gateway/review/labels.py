"""Labels: what doctors and rules said of photos, kept in one numbered log for the trainer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, NotPermitted, Permission
from gateway.database import UnitOfWork, now
from gateway.events.sequencer import append
from gateway.library.diseases import diseases
from gateway.review.label_feed import Kind, Source, Word
from gateway.review.tables import LabelRow
from inference.rules import REASON_CODES

SEQUENCE = "labels"

REASONS = REASON_CODES
"""Why a photo is unusable; the suitability model's labels are `usable` and these."""

_DELETED_BY = "system"


class InvalidLabel(Exception):
    """The label contradicts itself."""


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
    """Keep a word on a photo's suitability; an unusable photo needs one of REASONS, a usable one has none.

    Raises NotPermitted, also for a photo of a hospital outside the caller's scope, and InvalidLabel.
    """
    needed = Permission.WRITE_LABELS if source == "doctor" else Permission.WRITE_RULE_LABELS
    _require(caller, needed, hospital)
    if usable and reason is not None:
        raise InvalidLabel("a usable photo has no reason")
    if not usable and reason not in REASONS:
        raise InvalidLabel(f"an unusable photo needs a reason: {', '.join(REASONS)}")
    _keep(unit_of_work, caller, hospital, photo_id, kind="suitability", usable=usable, reason=reason, source=source)


def add_diagnosis(
    unit_of_work: UnitOfWork,
    caller: Caller,
    *,
    hospital: str,
    photo_id: str,
    diagnosis: str,
    alternatives: Sequence[str] = (),
    under: Permission = Permission.WRITE_LABELS,
) -> None:
    """Keep a doctor's diagnosis of a photo: the slug of a disease, and others that are held possible as well.

    Raises NotPermitted, also for a photo of a hospital outside the caller's scope, and InvalidLabel.
    """
    _require(caller, under, hospital)
    if strange := [slug for slug in (diagnosis, *alternatives) if slug not in diseases()]:
        raise InvalidLabel(f"{strange[0][:64]!r} is no code of a disease; GET /api/v1/diseases lists them")
    others = list(dict.fromkeys(slug for slug in alternatives if slug != diagnosis))
    _keep(unit_of_work, caller, hospital, photo_id, kind="diagnosis", diagnosis=diagnosis, alternatives=others)


def withdraw_label(
    unit_of_work: UnitOfWork, caller: Caller, *, hospital: str, photo_id: str, kind: Word, source: Source = "doctor"
) -> None:
    """Take back what the caller said of a photo in this respect; nothing is added where they had said nothing.

    Raises NotPermitted as adding it does.
    """
    rule = source == "rule" and kind == "suitability"
    _require(caller, Permission.WRITE_RULE_LABELS if rule else Permission.WRITE_LABELS, hospital)
    said = (
        LabelRow.submission_id == photo_id, LabelRow.kind == kind, LabelRow.said_by == caller.id,
        LabelRow.source == source,
    )  # fmt: skip
    newest = select(LabelRow.withdrawn).where(*said).order_by(LabelRow.number.desc()).limit(1)
    if unit_of_work.session.scalar(newest) is False:
        _keep(unit_of_work, caller, hospital, photo_id, kind=kind, source=source, withdrawn=True)


def bury_labels(unit_of_work: UnitOfWork, *, hospital: str, photo_id: str) -> None:
    """Tell readers of labels that a photo is gone; the deletion itself is audited by whoever deletes.

    Nothing is added for a photo that nobody said anything of.
    """
    if unit_of_work.session.scalar(select(LabelRow.number).where(LabelRow.submission_id == photo_id).limit(1)) is None:
        return
    _append(unit_of_work, hospital, photo_id, _DELETED_BY, kind="deletion", source="rule")


def _require(caller: Caller, permission: Permission, hospital: str) -> None:
    if not caller.require_hospital_wide(permission).sees(hospital):
        raise NotPermitted(permission)


def _keep(unit_of_work: UnitOfWork, caller: Caller, hospital: str, photo_id: str, **said: Any) -> None:
    audit(unit_of_work.session, caller, Action.PATIENT_RECORD, subject=f"photo/{photo_id}", hospital=hospital)
    _append(unit_of_work, hospital, photo_id, caller.id, **said)


def _append(
    unit_of_work: UnitOfWork,
    hospital: str,
    photo_id: str,
    said_by: str,
    *,
    kind: Kind,
    source: Source = "doctor",
    usable: bool | None = None,
    reason: str | None = None,
    diagnosis: str | None = None,
    alternatives: list[str] | None = None,
    withdrawn: bool = False,
) -> None:
    entry = {
        "hospital_id": hospital,
        "submission_id": photo_id,
        "kind": kind,
        "usable": usable,
        "reason": reason,
        "diagnosis": diagnosis,
        "alternatives": alternatives or [],
        "withdrawn": withdrawn,
        "source": source,
        "said_by": said_by,
        "said_at": now(),
    }
    append(unit_of_work, SEQUENCE, LabelRow, entry)
