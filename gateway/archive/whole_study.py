"""Everything a study holds, at its current revisions: what is corrected at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, select
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


def is_held(session: Session, held: HeldObject) -> bool:
    """Whether the archive still has that revision."""
    return bool(session.scalar(select(exists().where(RevisionRow.object_key == held.object_key))))


def lock_study(session: Session, hospital: str, study_instance_uid: str) -> None:
    """Let nobody add to the study, nor delete of it, to the end of the transaction; waits for those who are about to.

    Instances first, as those do who delete them. SQLite has one writer anyway.
    """
    study = select(StudyRow.id).where(
        StudyRow.hospital_id == hospital, StudyRow.study_instance_uid == study_instance_uid
    )
    of_study = InstanceRow.study_row_id.in_(study)
    session.execute(select(InstanceRow.id).where(of_study).order_by(InstanceRow.id).with_for_update())
    session.execute(study.with_for_update())
