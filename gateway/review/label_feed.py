"""The log of labels as its readers get it: by number, within their scope, for a trainer with facts of the photos."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from gateway.access.caller import Caller, Permission
from gateway.review.tables import LabelRow

Source = Literal["doctor", "rule"]
Word = Literal["suitability", "diagnosis"]
Kind = Literal["suitability", "diagnosis", "deletion"]

EARLIER_KINDS: tuple[Kind, ...] = ("suitability",)
"""What readers get who do not say which kinds they understand: they know usable and unusable alone."""


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """What a trainer may know of a photo: enough to learn from and to keep patients apart, too little to find anybody.

    `patient` and `lesion` are keys that only this gateway can lead back (64 hex digits), the same for all photos of
    one; None where nobody was named. `age` is in whole years, 90 for all who are older (45 CFR 164.514(b)(2)(i)(C)).
    """

    patient: str | None
    lesion: str | None
    sex: str | None
    age: int | None
    body_site: str | None
    kind: str


FactsOf = Callable[[Session, Sequence[str]], Mapping[str, SampleFacts]]
"""From the ids of photos to what a trainer may know of them; photos that are gone are missing."""


@dataclass(frozen=True, slots=True)
class Label:
    """One entry; `number` follows the order of commits, `said_by` is the id of the caller who posted it.

    `usable` is None for other kinds than `suitability` and for what was taken back (`withdrawn`), `diagnosis` for
    other kinds than that. `superseded` says that the same caller has said something else of it since, or that the photo
    is gone. `about` is there for who may know it, of photos that are still there.
    """

    number: int
    hospital: str
    photo_id: str
    usable: bool | None
    reason: str | None
    source: Source
    said_at: datetime
    said_by: str
    kind: Kind = "suitability"
    diagnosis: str | None = None
    alternatives: tuple[str, ...] = ()
    withdrawn: bool = False
    superseded: bool = False
    about: SampleFacts | None = None


def read_labels(
    session: Session, caller: Caller, *, after: int, limit: int, kinds: Sequence[Kind] = EARLIER_KINDS
) -> Sequence[Label]:
    """Labels of these kinds numbered above `after` that the caller may see, in order; raises NotPermitted."""
    scope = caller.require_hospital_wide(Permission.READ_LABELS)
    query = select(LabelRow, _is_superseded()).where(LabelRow.number > after, LabelRow.kind.in_(kinds))
    if scope.hospitals is not None:
        query = query.where(LabelRow.hospital_id.in_(scope.hospitals))
    rows = session.execute(query.order_by(LabelRow.number).limit(limit)).all()
    return [_label(row, superseded=superseded) for row, superseded in rows]


def with_facts(session: Session, caller: Caller, labels: Sequence[Label], facts_of: FactsOf) -> Sequence[Label]:
    """The labels with what is known of their photos, for a caller who may know it; raises NotPermitted."""
    caller.require_hospital_wide(Permission.READ_SAMPLE_FACTS)
    facts = facts_of(session, list({label.photo_id for label in labels}))
    return [replace(label, about=facts.get(label.photo_id)) for label in labels]


def _is_superseded() -> ColumnElement[bool]:
    later = aliased(LabelRow)
    same_voice = and_(later.kind == LabelRow.kind, later.said_by == LabelRow.said_by, later.source == LabelRow.source)
    return (
        select(later.number)
        .where(
            later.submission_id == LabelRow.submission_id,
            later.number > LabelRow.number,
            or_(same_voice, later.kind == "deletion"),
        )
        .exists()
    )


def _label(row: LabelRow, *, superseded: bool) -> Label:
    kind: Kind = "deletion" if row.kind == "deletion" else "diagnosis" if row.kind == "diagnosis" else "suitability"
    return Label(
        number=row.number,
        hospital=row.hospital_id,
        photo_id=row.submission_id,
        usable=row.usable,
        reason=row.reason,
        source="rule" if row.source == "rule" else "doctor",
        said_at=row.said_at,
        said_by=row.said_by,
        kind=kind,
        diagnosis=row.diagnosis,
        alternatives=tuple(row.alternatives or ()),
        withdrawn=row.withdrawn,
        superseded=superseded,
    )
