"""Corrections: new numbered revisions of instances, and what they change above them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gateway.archive.errors import StudyMismatch
from gateway.archive.facts import Facts, PatientFacts
from gateway.archive.hierarchy import add_requests, patient_row_id, same_patient
from gateway.archive.indexing import IndexedInstance, Origin, Sender, indexed, insert_revision
from gateway.archive.learning import corrected, together
from gateway.archive.name_rows import (
    add_patient_names,
    add_physician_names,
    first_names,
    remove_patient_names,
    remove_physician_names,
)
from gateway.archive.removal import remove_empty_patient
from gateway.archive.rows import instance_columns, patient_columns, series_columns, study_columns
from gateway.archive.staging import StagedObject
from gateway.archive.tables import InstanceRow, PatientRow, SeriesRequestRow, SeriesRow, StudyRow
from gateway.database import Base, now
from gateway.reading import statements_of

Corrections = Sequence[tuple[InstanceRow, StagedObject]]


def add_revision(
    session: Session, instance: InstanceRow, staged: StagedObject, *, reason: str, created_by: str
) -> IndexedInstance:
    """Add the staged object as the instance's next revision.

    Raises:
        StudyMismatch: a correction keeps the study, the series and the SOP class.
    """
    _check_identity(session, instance, staged)
    number = instance.revision + 1
    insert_revision(
        statements_of(session), instance.hospital_id, instance.id, number, staged,
        created_at=now(), created_by=created_by, reason=reason,
    )  # fmt: skip
    _correct(session, instance, instance_columns(staged.facts.instance))
    _apply(session, instance, {"revision": number})
    sender = Sender(Origin(instance.origin), instance.received_from)
    return indexed(instance.id, instance.hospital_id, number, staged, sender)


def correct_above(session: Session, corrections: Corrections) -> None:
    """Believe what corrected instances say about their series, studies and patients, those of each together.

    Raises:
        StudyMismatch: the patient of a study changes, but not in all of its instances alike.
    """
    for series_row_id, facts in _grouped(corrections, lambda instance: instance.series_row_id).items():
        _correct_series(session, session.get_one(SeriesRow, series_row_id), facts)
    for study_row_id, facts in _grouped(corrections, lambda instance: instance.study_row_id).items():
        study = session.get_one(StudyRow, study_row_id)
        _correct_study(session, study, facts)
        _correct_patient(session, study, facts)


def _grouped(corrections: Corrections, owner_of: Callable[[InstanceRow], int]) -> dict[int, list[Facts]]:
    groups: dict[int, list[Facts]] = {}
    for instance, staged in corrections:
        groups.setdefault(owner_of(instance), []).append(staged.facts)
    return groups


def _correct_patient(session: Session, study: StudyRow, facts: Sequence[Facts]) -> None:
    patient = session.get_one(PatientRow, study.patient_row_id)
    is_another = not all(same_patient(patient.patient_id, patient.issuer_of_patient_id, one.patient) for one in facts)
    if is_another:
        _check_whole_study(session, study, facts)
    told = _one_patient([one.patient for one in facts])
    if is_another or _has_a_row_of_their_issuer(session, patient, told):
        _hand_over(session, study, told)
        return
    columns = patient_columns(told)
    if patient.issuer_of_patient_id:
        del columns["issuer_of_patient_id"]  # part of the row's identity
    if _correct(session, patient, columns):
        remove_patient_names(statements_of(session), patient.id)
        add_patient_names(statements_of(session), study.hospital_id, patient.id, told.names)


def _one_patient(told: Sequence[PatientFacts]) -> PatientFacts:
    """What objects tell together of the one patient that all of them are of."""
    columns = together([patient_columns(one) for one in told])
    return PatientFacts(names=first_names([one.names for one in told]), **columns)


def _has_a_row_of_their_issuer(session: Session, patient: PatientRow, told: PatientFacts) -> bool:
    """Whether the archive knows who has no issuer here by the issuer that is told now."""
    if patient.issuer_of_patient_id or not told.issuer_of_patient_id:
        return False
    known = select(PatientRow.id).where(
        PatientRow.hospital_id == patient.hospital_id,
        PatientRow.issuer_of_patient_id == told.issuer_of_patient_id,
        PatientRow.patient_id == told.patient_id,
    )
    return session.scalar(known) is not None


def _hand_over(session: Session, study: StudyRow, told: PatientFacts) -> None:
    study_row_id, before = study.id, study.patient_row_id
    new_owner = patient_row_id(statements_of(session), study.hospital_id, told)
    session.expire_all()  # it may have changed a row that is known here
    session.execute(update(StudyRow).where(StudyRow.id == study_row_id).values(patient_row_id=new_owner))
    remove_empty_patient(statements_of(session), before)


def _check_whole_study(session: Session, study: StudyRow, facts: Sequence[Facts]) -> None:
    patients = {(one.patient.issuer_of_patient_id, one.patient.patient_id) for one in facts}
    instances = {one.instance.sop_instance_uid for one in facts}
    count = session.scalar(select(func.count()).where(InstanceRow.study_row_id == study.id))
    if len(patients) != 1 or len(instances) != count:
        raise StudyMismatch("a correction of the patient must be made to every instance of the study at once")


def _check_identity(session: Session, instance: InstanceRow, staged: StagedObject) -> None:
    study = session.get_one(StudyRow, instance.study_row_id)
    series = session.get_one(SeriesRow, instance.series_row_id)
    for what, known, told in (
        ("StudyInstanceUID", study.study_instance_uid, staged.identity.study_instance_uid),
        ("SeriesInstanceUID", series.series_instance_uid, staged.identity.series_instance_uid),
        ("SOPClassUID", instance.sop_class_uid, staged.identity.sop_class_uid),
    ):
        if known != told:
            raise StudyMismatch(f"a correction cannot change {what}")


def _correct_study(session: Session, study: StudyRow, facts: Sequence[Facts]) -> None:
    if _correct(session, study, together([study_columns(one.study) for one in facts])):
        names = first_names([one.study.referring_physician_names for one in facts])
        remove_physician_names(statements_of(session), study.id)
        add_physician_names(statements_of(session), study.hospital_id, study.id, names)


def _correct_series(session: Session, series: SeriesRow, facts: Sequence[Facts]) -> None:
    if _correct(session, series, together([series_columns(one.series) for one in facts])):
        told = next((one.series for one in facts if one.series.requests), facts[0].series)
        session.execute(delete(SeriesRequestRow).where(SeriesRequestRow.series_row_id == series.id))
        add_requests(statements_of(session), series.hospital_id, series.id, told)


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
