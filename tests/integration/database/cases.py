"""Rows for the tests of the database: cases, and series that refer to them."""

from sqlalchemy import func, select

from gateway.database import Database, now
from gateway.review.tables import CaseRow, CaseSeriesRow


def case(name: str, *, patient_id: str = "P1") -> CaseRow:
    return CaseRow(
        id=name,
        hospital_id="default",
        issuer_of_patient_id="",
        patient_id=patient_id,
        study_instance_uid=f"2.25.{name}",
        accession_number="",
        opened_at=now(),
        started_at=now(),
    )


def series(case_id: str) -> CaseSeriesRow:
    return CaseSeriesRow(
        case_id=case_id,
        discriminator="arm",
        hospital_id="default",
        series_instance_uid=f"2.25.9.{case_id}",
        number=1,
        last_instance_number=0,
    )


def count_cases(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(CaseRow)) or 0
