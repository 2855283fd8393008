"""Whom archived instances are of, and how many frames they have: what lists say of them without opening a file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gateway.archive.facts import UNIDENTIFIED_PREFIX
from gateway.archive.tables import InstanceRow, PatientRow, RevisionRow, StudyRow


@dataclass(frozen=True, slots=True)
class Subject:
    """An instance's patient, as the archive knows them now, "" where no object has told an id; and its frames."""

    patient_id: str
    frames: int


def subjects(session: Session, instance_ids: Collection[int]) -> Mapping[int, Subject]:
    """The subjects of instances that the caller was already let see, by the instances' ids."""
    if not instance_ids:
        return {}
    found = session.execute(
        select(InstanceRow.id, StudyRow.study_instance_uid, PatientRow.patient_id, RevisionRow.number_of_frames)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .join(RevisionRow, and_(RevisionRow.instance_id == InstanceRow.id, RevisionRow.number == InstanceRow.revision))
        .where(InstanceRow.id.in_(instance_ids))
    )
    return {each.id: Subject(_told(each.patient_id, each.study_instance_uid), each.number_of_frames) for each in found}


def _told(patient_id: str, study_instance_uid: str) -> str:
    return "" if patient_id == UNIDENTIFIED_PREFIX + study_instance_uid else patient_id
