"""Finding and making the rows above an instance: its patient, study and series."""

from dataclasses import dataclass

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from gateway.archive.errors import StudyMismatch
from gateway.archive.facts import UNIDENTIFIED_PREFIX, Facts, PatientFacts, SeriesFacts, StudyFacts
from gateway.archive.insertion import insert_rows, insert_unless_there
from gateway.archive.learning import filled
from gateway.archive.removal import remove_empty_patient
from gateway.archive.rows import patient_columns, series_columns, study_columns
from gateway.archive.tables import (
    PatientNameRow,
    PatientRow,
    ReferringPhysicianNameRow,
    SeriesRequestRow,
    SeriesRow,
    StudyRow,
)
from gateway.database import Base


@dataclass(frozen=True, slots=True)
class Place:
    """The rows an instance belongs to."""

    study_row_id: int
    series_row_id: int


def place(session: Session, hospital: str, facts: Facts) -> Place:
    """The rows of the object's patient, study and series; made, or filled with what the object adds.

    Raises:
        StudyMismatch: the study is another patient's.
    """
    found = session.execute(
        select(StudyRow, PatientRow, SeriesRow)
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .outerjoin(
            SeriesRow,
            and_(
                SeriesRow.study_row_id == StudyRow.id,
                SeriesRow.series_instance_uid == facts.series.series_instance_uid,
            ),
        )
        .where(StudyRow.hospital_id == hospital, StudyRow.study_instance_uid == facts.study.study_instance_uid)
    ).one_or_none()
    if found is None:
        study_row_id = _make_study(session, hospital, patient_row_id(session, hospital, facts.patient), facts)
        return Place(study_row_id, _make_series(session, hospital, study_row_id, facts.series))
    study, patient = found[0], found[1]
    series: SeriesRow | None = found[2]
    _agree_on_patient(session, hospital, study, patient, facts.patient)
    _fill(session, study, study_columns(facts.study))
    _add_physicians(session, study, facts.study)
    if series is None:
        return Place(study.id, _make_series(session, hospital, study.id, facts.series))
    _fill(session, series, series_columns(facts.series))
    return Place(study.id, series.id)


def patient_row_id(session: Session, hospital: str, facts: PatientFacts) -> int:
    """The id of the patient's row, made where there is none and filled where there is."""
    patient = _find_patient(session, hospital, facts)
    if patient is not None:
        return _filled_patient(session, patient, facts)
    row_id = insert_unless_there(
        session,
        PatientRow,
        ("hospital_id", "issuer_of_patient_id", "patient_id"),
        {"hospital_id": hospital, **patient_columns(facts)},
    )
    if row_id is None:
        return patient_row_id(session, hospital, facts)
    add_patient_names(session, hospital, row_id, facts.names)
    return row_id


def add_patient_names(session: Session, hospital: str, row_id: int, names: tuple[str, ...]) -> None:
    """Names a patient is found by."""
    rows = [{"hospital_id": hospital, "patient_row_id": row_id, "value": value} for value in names]
    insert_rows(session, PatientNameRow, rows)


def add_physician_names(session: Session, hospital: str, row_id: int, names: tuple[str, ...]) -> None:
    """Names of the referring physician a study is found by."""
    rows = [{"hospital_id": hospital, "study_row_id": row_id, "value": value} for value in names]
    insert_rows(session, ReferringPhysicianNameRow, rows)


def add_requests(session: Session, hospital: str, row_id: int, facts: SeriesFacts) -> None:
    """Requests a series is found by."""
    rows = [
        {
            "hospital_id": hospital,
            "series_row_id": row_id,
            "scheduled_procedure_step_id": request.scheduled_procedure_step_id,
            "requested_procedure_id": request.requested_procedure_id,
        }
        for request in facts.requests
    ]
    insert_rows(session, SeriesRequestRow, rows)


def same_patient(patient: PatientRow, facts: PatientFacts) -> bool:
    """Whether an object's patient is this one; an issuer that one side leaves out is no contradiction."""
    if patient.patient_id != facts.patient_id:
        return False
    issuers = {patient.issuer_of_patient_id, facts.issuer_of_patient_id} - {""}
    return len(issuers) < 2


def _find_patient(session: Session, hospital: str, facts: PatientFacts) -> PatientRow | None:
    return session.scalars(
        select(PatientRow).where(
            PatientRow.hospital_id == hospital,
            PatientRow.issuer_of_patient_id == facts.issuer_of_patient_id,
            PatientRow.patient_id == facts.patient_id,
        )
    ).one_or_none()


def _filled_patient(session: Session, patient: PatientRow, facts: PatientFacts) -> int:
    nameless = "Value" not in patient.attributes.get("00100010", {})
    _fill(session, patient, patient_columns(facts))
    if nameless:
        add_patient_names(session, patient.hospital_id, patient.id, facts.names)
    return patient.id


def _agree_on_patient(
    session: Session, hospital: str, study: StudyRow, patient: PatientRow, facts: PatientFacts
) -> None:
    """Let the object's patient be the study's, or refuse it.

    An object that tells no patient contradicts nobody. A study of which no object told one yet becomes the
    patient's who is told first; one of a patient without an issuer goes over to the patient whose issuer is told now,
    where the archive has both.
    """
    nobody = UNIDENTIFIED_PREFIX + study.study_instance_uid
    if same_patient(patient, facts):
        named = None if patient.issuer_of_patient_id else _find_patient(session, hospital, facts)
        if named is None or named.id == patient.id:
            _filled_patient(session, patient, facts)
        else:
            _hand_over(session, study, _filled_patient(session, named, facts))
            remove_empty_patient(session, patient.id)
    elif patient.patient_id == nobody:
        _hand_over(session, study, patient_row_id(session, hospital, facts))
    elif facts.patient_id != nobody:
        raise StudyMismatch("the study belongs to another patient: PatientID or IssuerOfPatientID differ from its own")


def _hand_over(session: Session, study: StudyRow, new_owner: int) -> None:
    session.execute(update(StudyRow).where(StudyRow.id == study.id).values(patient_row_id=new_owner))


def _make_study(session: Session, hospital: str, owner: int, facts: Facts) -> int:
    columns = {"hospital_id": hospital, "patient_row_id": owner, **study_columns(facts.study)}
    row_id = insert_unless_there(session, StudyRow, ("hospital_id", "study_instance_uid"), columns)
    if row_id is None:
        return place(session, hospital, facts).study_row_id
    add_physician_names(session, hospital, row_id, facts.study.referring_physician_names)
    return row_id


def _make_series(session: Session, hospital: str, study_row_id: int, facts: SeriesFacts) -> int:
    columns = {"hospital_id": hospital, "study_row_id": study_row_id, **series_columns(facts)}
    row_id = insert_unless_there(session, SeriesRow, ("study_row_id", "series_instance_uid"), columns)
    if row_id is not None:
        add_requests(session, hospital, row_id, facts)
        return row_id
    return session.scalars(
        select(SeriesRow.id).where(
            SeriesRow.study_row_id == study_row_id, SeriesRow.series_instance_uid == facts.series_instance_uid
        )
    ).one()


def _add_physicians(session: Session, study: StudyRow, facts: StudyFacts) -> None:
    """Names for a study whose first object told no referring physician."""
    if not facts.referring_physician_names:
        return
    known = select(ReferringPhysicianNameRow.id).where(ReferringPhysicianNameRow.study_row_id == study.id).limit(1)
    if session.scalar(known) is None:
        add_physician_names(session, study.hospital_id, study.id, facts.referring_physician_names)


def _fill(session: Session, row: PatientRow | StudyRow | SeriesRow, told: dict[str, object]) -> None:
    changes = filled({column: getattr(row, column) for column in told}, told)
    if changes:
        apply(session, row, changes)


def apply(session: Session, row: Base, changes: dict[str, object]) -> None:
    """Change columns of a row that was read."""
    for column, value in changes.items():
        setattr(row, column, value)
    session.flush()
