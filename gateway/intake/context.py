"""From what was said about a photo, or is in the archive, to what the models may know of its patient."""

from datetime import UTC, datetime

from gateway.conversion.age import years_of
from gateway.intake.request import PhotoFields
from inference.context import PatientContext

_DAYS_A_YEAR = 365.25


def patient_context(fields: PhotoFields, at: datetime) -> PatientContext:
    """What a disease model may know of the patient."""
    age = None if fields.patient_age is None else years_of(fields.patient_age)
    if age is None and fields.patient_birth_date is not None:
        age = max((at.date() - fields.patient_birth_date).days / _DAYS_A_YEAR, 0.0)
    return PatientContext(sex=fields.patient_sex, age_years=age, body_site=fields.body_site)


def archived_sex_and_age(sex: str, birth_date: str, at: datetime) -> tuple[str | None, float | None]:
    """Sex (F, M, O) and age in years at a moment, of what the archive keeps of a patient; None for what is not known.

    `birth_date` is a DA (PS3.5 6.2), or empty.
    """
    return sex if sex in {"F", "M", "O"} else None, _years(birth_date, at)


def _years(birth_date: str, at: datetime) -> float | None:
    try:
        born = datetime.strptime(birth_date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return max((at - born).days / _DAYS_A_YEAR, 0.0)
