"""Cases for the tests of reviewing."""

from datetime import UTC, datetime

from gateway.database import Database
from gateway.review.cases import open_case
from gateway.review.places import Case, Patient

STARTED_AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
PATIENT = Patient("north", "SNUH", "12345678")


def case(name: str = "1", patient: Patient = PATIENT, study: str | None = None) -> Case:
    return Case(
        id=name,
        patient=patient,
        study_instance_uid=study or f"2.25.{name}",
        accession_number="A1",
        started_at=STARTED_AT,
    )


def opened(database: Database, made: Case | None = None) -> Case:
    """A case that is open."""
    made = made or case()
    with database.write() as unit_of_work:
        open_case(unit_of_work, made)
    return made
