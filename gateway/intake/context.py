"""From what was said about a photo to what the models may know of its patient."""

from datetime import datetime

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
