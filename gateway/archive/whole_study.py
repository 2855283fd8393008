"""Everything a study holds, at its current revisions: what is corrected at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gateway.archive.tables import InstanceRow, RevisionRow, StudyRow

MOST_OBJECTS = 1000
"""Of one study that is corrected."""


class StudyTooLarge(Exception):
    """The study holds more objects than are corrected at once."""


@dataclass(frozen=True, slots=True)
class HeldObject:
    """An instance of the study at its current revision, and where that is kept; `origin` is how it came."""

    instance_id: int
    revision: int
    origin: str
    object_key: str


def held_objects(session: Session, hospital: str, study_instance_uid: str) -> Sequence[HeldObject]:
    """The study's instances in the order they came; the caller was let see the study. Raises StudyTooLarge."""
    query = (
        select(InstanceRow.id, InstanceRow.revision, InstanceRow.origin, RevisionRow.object_key)
        .join(RevisionRow, and_(RevisionRow.instance_id == InstanceRow.id, RevisionRow.number == InstanceRow.revision))
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .where(StudyRow.hospital_id == hospital, StudyRow.study_instance_uid == study_instance_uid)
        .order_by(InstanceRow.id)
        .limit(MOST_OBJECTS + 1)
    )
    found = [HeldObject(*row) for row in session.execute(query)]
    if len(found) > MOST_OBJECTS:
        raise StudyTooLarge(f"the study holds more than {MOST_OBJECTS} objects")
    return found
