"""Whose a case is and what it was taken for, as somebody says it or an order has it: from that to a correction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.config import SiteSettings
from gateway.conversion.correction import Correction
from gateway.conversion.dataset import Values
from gateway.conversion.person_name import person_name
from gateway.intake.request import PhotoFields

_REQUEST: Mapping[str, str] = {
    "RequestedProcedureID": "requested_procedure_id",
    "ScheduledProcedureStepID": "scheduled_procedure_step_id",
}


@dataclass(frozen=True, slots=True)
class Right:
    """What is right of a case, as the fields of a photo say it; only those that were said count.

    `fields.study_instance_uid` is the study that the order was given for, which need not be the case's.
    """

    fields: PhotoFields
    reason: str

    def correction(self, study_instance_uid: str, site: SiteSettings, made_at: datetime) -> Correction:
        """The correction of the objects of a study."""
        return Correction(
            patient=_patient(self.fields, site),
            study=_study(self.fields, site),
            request=_request(self.fields, study_instance_uid),
            made_at=made_at.astimezone(site.zone),
            system=site.name,
        )


def _patient(fields: PhotoFields, site: SiteSettings) -> Values:
    born = fields.patient_birth_date
    return {
        "PatientID": fields.patient_id,
        "IssuerOfPatientID": fields.issuer_of_patient_id or None,
        "PatientName": person_name(fields.patient_name, hangul_group=site.hangul_group) or None,
        "PatientBirthDate": None if born is None else f"{born:%Y%m%d}",
        "PatientSex": fields.patient_sex,
        "PatientAge": fields.patient_age,
    }


def _study(fields: PhotoFields, site: SiteSettings) -> Values:
    physician = person_name(fields.referring_physician, hangul_group=site.hangul_group, field="referring_physician")
    return {
        "AccessionNumber": fields.accession_number or None,
        "StudyID": fields.requested_procedure_id or None,
        "StudyDescription": fields.study_description or None,
        "ReferringPhysicianName": physician or None,
        "AdmissionID": fields.admission_id or None,
        "RequestingService": fields.requesting_service or None,
    }


def _request(fields: PhotoFields, study_instance_uid: str) -> Values | None:
    """The order; its study stands in it where it is another one than the objects'."""
    numbers = {keyword: str(getattr(fields, name)) for keyword, name in _REQUEST.items()}
    if not any(numbers.values()):
        return None
    ordered = fields.study_instance_uid
    return {
        **{keyword: number or None for keyword, number in numbers.items()},
        "AccessionNumber": fields.accession_number or None,
        "StudyInstanceUID": ordered if ordered not in (None, study_instance_uid) else None,
        "RequestedProcedureDescription": fields.study_description or None,
    }
