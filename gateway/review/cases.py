"""Cases: which study, series and number a new photo gets.

The numbers stand inside the object, and the object is written and synced before the transaction that makes it known.
So a place is planned first, from what can be read, and taken in that transaction; where another photo of the same
case was quicker, PlaceTaken says so. The caller then takes a place in a short transaction of its own, with the case
locked (`lock_case`), and makes the object at leisure: however many come at once, nobody plans in vain twice.
"""

from collections.abc import Collection

from sqlalchemy import and_, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.archive.tables import PatientRow, StudyRow
from gateway.database import UnitOfWork, now
from gateway.review.places import Case, Patient, Place, next_series_number
from gateway.review.tables import CaseRow, CaseSeriesRow


class UnknownCase(Exception):
    """There is no such case."""


class CaseConflict(Exception):
    """The photo cannot belong to the case it names."""


class PlaceTaken(Exception):
    """Another photo of the same case took the planned place first."""


def find_case(session: Session, scope: Scope, case_id: str) -> Case:
    """The case, if the scope sees it; raises UnknownCase."""
    row = session.get(CaseRow, case_id)
    if row is None or not scope.sees(row.hospital_id) or not _is_of(session, row, scope.patient):
        raise UnknownCase(f"there is no case {case_id}")
    return _case(row)


def find_case_of_study(session: Session, scope: Scope, hospital: str, study_instance_uid: str) -> Case | None:
    """The case that owns a study, where there is one; raises UnknownCase where the scope does not see it."""
    row = session.scalar(
        select(CaseRow).where(CaseRow.hospital_id == hospital, CaseRow.study_instance_uid == study_instance_uid)
    )
    if row is None:
        return None
    if not scope.sees(hospital) or not _is_of(session, row, scope.patient):
        raise UnknownCase("there is no such case")
    return _case(row)


def lock_case(session: Session, case_id: str) -> None:
    """Let one transaction at a time take places in the case; rows that refer to it are left alone."""
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update(key_share=True))


def open_case(unit_of_work: UnitOfWork, case: Case) -> None:
    """Open a new case; raises PlaceTaken where another photo has just opened one for the same study."""
    unit_of_work.session.add(
        CaseRow(
            id=case.id,
            hospital_id=case.patient.hospital,
            issuer_of_patient_id=case.patient.issuer_of_patient_id,
            patient_id=case.patient.patient_id,
            study_instance_uid=case.study_instance_uid,
            accession_number=case.accession_number,
            opened_at=now(),
            started_at=case.started_at,
        )
    )
    try:
        unit_of_work.session.flush()
    except IntegrityError as error:
        raise PlaceTaken from error


def check_patient(case: Case, patient: Patient) -> None:
    """Raise CaseConflict where a photo of `patient` is said to belong to somebody else's case.

    An issuer that only one of them names contradicts nothing.
    """
    known = case.patient
    one_issuer = known.issuer_of_patient_id in {patient.issuer_of_patient_id, ""} or not patient.issuer_of_patient_id
    if (known.hospital, known.patient_id) != (patient.hospital, patient.patient_id) or not one_issuer:
        raise CaseConflict("the case belongs to another patient")


def fill_accession_number(unit_of_work: UnitOfWork, case_id: str, accession_number: str) -> None:
    """Keep the order's number for a case that had none."""
    unit_of_work.session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id, CaseRow.accession_number == "")
        .values(accession_number=accession_number)
    )


def issuer_of_lesions(session: Session, patient: Patient) -> str:
    """The issuer that the patient's lesions are named by: as it was said when the patient was first known.

    It may be said later, or left out again: an issuer that only one of two photos names contradicts nothing. Where
    two issuers have given the same id, what names none belongs to the first of them.
    """
    rows = session.execute(
        select(PatientRow.issuer_of_patient_id, CaseRow.issuer_of_patient_id)
        .join(StudyRow, StudyRow.patient_row_id == PatientRow.id)
        .join(
            CaseRow,
            and_(
                CaseRow.hospital_id == StudyRow.hospital_id, CaseRow.study_instance_uid == StudyRow.study_instance_uid
            ),
        )
        .where(PatientRow.hospital_id == patient.hospital, PatientRow.patient_id == patient.patient_id)
        .order_by(CaseRow.opened_at, CaseRow.id)
    ).all()
    own = patient.issuer_of_patient_id
    first = next((known for known, _ in rows if known), own)
    same = {first, ""} if own in ("", first) else {own}
    return next((said for known, said in rows if known in same), own)


def plan_place(
    session: Session, case_id: str, discriminator: str, new_series_instance_uid: str, used: Collection[int] = ()
) -> Place:
    """The next free place in the case's series for `discriminator` (body site and kind), or in a new series.

    A new series gets a number that is not among the `used` ones of its study.
    """
    row = session.get(CaseSeriesRow, (case_id, discriminator))
    if row is not None:
        return Place(row.series_instance_uid, row.number, row.last_instance_number + 1)
    last = session.scalar(select(func.max(CaseSeriesRow.number)).where(CaseSeriesRow.case_id == case_id))
    return Place(new_series_instance_uid, next_series_number(last or 0, used), 1)


def take_place(unit_of_work: UnitOfWork, case: Case, discriminator: str, place: Place) -> None:
    """Take a planned place; raises PlaceTaken, after which the transaction must be rolled back."""
    if place.instance_number == 1:
        _begin_series(unit_of_work.session, case, discriminator, place)
        return
    taken = unit_of_work.session.execute(
        update(CaseSeriesRow)
        .where(
            CaseSeriesRow.case_id == case.id,
            CaseSeriesRow.discriminator == discriminator,
            CaseSeriesRow.last_instance_number == place.instance_number - 1,
        )
        .values(last_instance_number=place.instance_number)
        .returning(CaseSeriesRow.number)
    ).scalar_one_or_none()
    if taken is None:
        raise PlaceTaken


def _begin_series(session: Session, case: Case, discriminator: str, place: Place) -> None:
    session.add(
        CaseSeriesRow(
            case_id=case.id,
            discriminator=discriminator,
            hospital_id=case.patient.hospital,
            series_instance_uid=place.series_instance_uid,
            number=place.series_number,
            last_instance_number=place.instance_number,
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise PlaceTaken from error


def _is_of(session: Session, row: CaseRow, patient: str | None) -> bool:
    """Whether a case is of this patient, named by the id of the archive's row; None for a caller who is no patient.

    Whose study it is the archive knows; a case whose objects are all gone is of whom it was opened for.
    """
    if patient is None:
        return True
    owner = session.scalar(
        select(StudyRow.patient_row_id).where(
            StudyRow.hospital_id == row.hospital_id, StudyRow.study_instance_uid == row.study_instance_uid
        )
    )
    if owner is not None:
        return str(owner) == patient
    patient_row = session.get(PatientRow, int(patient)) if patient.isdecimal() else None
    return patient_row is not None and (
        patient_row.hospital_id,
        patient_row.issuer_of_patient_id,
        patient_row.patient_id,
    ) == (row.hospital_id, row.issuer_of_patient_id, row.patient_id)


def _case(row: CaseRow) -> Case:
    return Case(
        id=row.id,
        patient=Patient(row.hospital_id, row.issuer_of_patient_id, row.patient_id),
        study_instance_uid=row.study_instance_uid,
        accession_number=row.accession_number,
        started_at=row.started_at,
    )
