"""Corrections: a new numbered revision of an instance, and what it changes above it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gateway.archive.errors import StudyMismatch
from gateway.archive.facts import Facts
from gateway.archive.hierarchy import (
    add_requests,
    patient_row_id,
    same_patient,
)
from gateway.archive.indexing import IndexedInstance, Origin, Sender, indexed, insert_revision
from gateway.archive.learning import corrected
from gateway.archive.name_rows import (
    add_patient_names,
    add_physician_names,
    remove_patient_names,
    remove_physician_names,
)
from gateway.archive.removal import remove_empty_patient
from gateway.archive.rows import instance_columns, patient_columns, series_columns, study_columns
from gateway.archive.staging import StagedObject
from gateway.archive.tables import (
    InstanceRow,
    PatientRow,
    SeriesRequestRow,
    SeriesRow,
    StudyRow,
)
from gateway.database import Base, now
from gateway.reading import statements_of


def add_revision(
    session: Session, instance: InstanceRow, staged: StagedObject, *, reason: str, created_by: str
) -> IndexedInstance:
    """Add the staged object as the instance's next revision, and believe what it says about the levels above.

    Raises:
        StudyMismatch: a correction keeps the study, the series and the SOP class.
    """
    study = session.get_one(StudyRow, instance.study_row_id)
    series = session.get_one(SeriesRow, instance.series_row_id)
    _check_identity(study, series, instance, staged)
    number = instance.revision + 1
    insert_revision(
        statements_of(session), instance.hospital_id, instance.id, number, staged,
        created_at=now(), created_by=created_by, reason=reason,
    )  # fmt: skip
    _correct(session, instance, instance_columns(staged.facts.instance))
    _apply(session, instance, {"revision": number})
    _correct_study(session, study, staged.facts)
    _correct_series(session, series, staged.facts)
    sender = Sender(Origin(instance.origin), instance.received_from)
    return indexed(instance.id, instance.hospital_id, number, staged, sender)


def correct_patients(session: Session, corrections: Sequence[tuple[InstanceRow, StagedObject]]) -> None:
    """Let each study follow its corrected instances to their patient.

    Raises:
        StudyMismatch: the patient of a study changes, but not in all of its instances alike.
    """
    by_study: dict[int, list[Facts]] = {}
    for instance, staged in corrections:
        by_study.setdefault(instance.study_row_id, []).append(staged.facts)
    for study_row_id, facts in by_study.items():
        _correct_patient(session, session.get_one(StudyRow, study_row_id), facts)


def _correct_patient(session: Session, study: StudyRow, facts: Sequence[Facts]) -> None:
    patient = session.get_one(PatientRow, study.patient_row_id)
    told = facts[-1].patient
    if not same_patient(patient.patient_id, patient.issuer_of_patient_id, told):
        _check_whole_study(session, study, facts)
        new_owner = patient_row_id(statements_of(session), study.hospital_id, told)
        session.expire_all()  # it may have changed a row that is known here
        session.execute(update(StudyRow).where(StudyRow.id == study.id).values(patient_row_id=new_owner))
        remove_empty_patient(statements_of(session), patient.id)
        return
    columns = patient_columns(told)
    del columns["issuer_of_patient_id"]  # part of the row's identity
    if _correct(session, patient, columns):
        remove_patient_names(statements_of(session), patient.id)
        add_patient_names(statements_of(session), study.hospital_id, patient.id, told.names)


def _check_whole_study(session: Session, study: StudyRow, facts: Sequence[Facts]) -> None:
    patients = {(one.patient.issuer_of_patient_id, one.patient.patient_id) for one in facts}
    instances = {one.instance.sop_instance_uid for one in facts}
    count = session.scalar(select(func.count()).where(InstanceRow.study_row_id == study.id))
    if len(patients) != 1 or len(instances) != count:
        raise StudyMismatch("a correction of the patient must be made to every instance of the study at once")


def _check_identity(study: StudyRow, series: SeriesRow, instance: InstanceRow, staged: StagedObject) -> None:
    for what, known, told in (
        ("StudyInstanceUID", study.study_instance_uid, staged.identity.study_instance_uid),
        ("SeriesInstanceUID", series.series_instance_uid, staged.identity.series_instance_uid),
        ("SOPClassUID", instance.sop_class_uid, staged.identity.sop_class_uid),
    ):
        if known != told:
            raise StudyMismatch(f"a correction cannot change {what}")


def _correct_study(session: Session, study: StudyRow, facts: Facts) -> None:
    if _correct(session, study, study_columns(facts.study)):
        remove_physician_names(statements_of(session), study.id)
        add_physician_names(statements_of(session), study.hospital_id, study.id, facts.study.referring_physician_names)


def _correct_series(session: Session, series: SeriesRow, facts: Facts) -> None:
    if _correct(session, series, series_columns(facts.series)):
        session.execute(delete(SeriesRequestRow).where(SeriesRequestRow.series_row_id == series.id))
        add_requests(statements_of(session), series.hospital_id, series.id, facts.series)


def _correct(session: Session, row: Base, told: Mapping[str, Any]) -> bool:
    changes = corrected({column: getattr(row, column) for column in told}, told)
    if changes:
        _apply(session, row, changes)
    return bool(changes)


def _apply(session: Session, row: Base, changes: Mapping[str, Any]) -> None:
    """Change columns of a row that was read."""
    for column, value in changes.items():
        setattr(row, column, value)
    session.flush()
