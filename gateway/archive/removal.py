"""Taking an instance out of the index: its rows, those above that it leaves empty, and its objects afterwards."""

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from gateway.archive.name_rows import remove_patient_names, remove_physician_names
from gateway.archive.tables import (
    InstanceRow,
    RemovedObjectRow,
    RevisionRow,
    SeriesRequestRow,
    SeriesRow,
    StudyRow,
)
from gateway.database import now
from gateway.reading import Reader, statements_of


def remove_instance(session: Session, instance: InstanceRow) -> list[str]:
    """Delete an instance's rows and what stands empty then; returns the keys of its objects, noted as removed."""
    keys = list(session.scalars(select(RevisionRow.object_key).where(RevisionRow.instance_id == instance.id)))
    moment = now()
    removed = [{"object_key": key, "hospital_id": instance.hospital_id, "removed_at": moment} for key in keys]
    session.execute(insert(RemovedObjectRow), removed)
    session.execute(delete(RevisionRow).where(RevisionRow.instance_id == instance.id))
    session.execute(delete(InstanceRow).where(InstanceRow.id == instance.id))
    _remove_empty_series(session, instance.series_row_id)
    _remove_empty_study(session, instance.study_row_id)
    return keys


def remove_empty_patient(statements: Reader, row_id: int) -> None:
    """Delete a patient's row when no study is theirs any more."""
    if not statements.all("SELECT 1 FROM studies WHERE patient_row_id = ? LIMIT 1", (row_id,)):
        remove_patient_names(statements, row_id)
        statements.all("DELETE FROM patients WHERE id = ?", (row_id,))


def _remove_empty_series(session: Session, row_id: int) -> None:
    if not session.scalar(select(exists().where(InstanceRow.series_row_id == row_id))):
        session.execute(delete(SeriesRequestRow).where(SeriesRequestRow.series_row_id == row_id))
        session.execute(delete(SeriesRow).where(SeriesRow.id == row_id))


def _remove_empty_study(session: Session, row_id: int) -> None:
    if session.scalar(select(exists().where(SeriesRow.study_row_id == row_id))):
        return
    patient_row_id = session.scalars(select(StudyRow.patient_row_id).where(StudyRow.id == row_id)).one()
    remove_physician_names(statements_of(session), row_id)
    session.execute(delete(StudyRow).where(StudyRow.id == row_id))
    remove_empty_patient(statements_of(session), patient_row_id)
