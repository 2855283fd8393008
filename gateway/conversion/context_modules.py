"""Who, where, when and by what: the modules that do not speak of the picture (PS3.3 C.7.1 to C.7.5, C.12.1)."""

from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.age import is_age
from gateway.conversion.clock import Clock
from gateway.conversion.dataset import Values, checked_uid, code, dataset_of
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.facts import DeviceFacts, ObjectFacts, PatientFacts, SiteFacts, SopClass, StudyBegin, StudyFacts
from gateway.conversion.person_name import person_name
from gateway.conversion.text import identifier, paragraphs, single_line

PRODUCT: Final = "Dermgate"
_LO: Final = 64
_SH: Final = 16
_MODALITIES: Final = {SopClass.DERMOSCOPIC: "DMS"}
_OTHER_MODALITY: Final = "XC"


def context_modules(facts: ObjectFacts, sop_class: SopClass, device: DeviceFacts, clock: Clock) -> tuple[Values, ...]:
    """Everything an object says that its picture or video has no part in; `device` is the camera."""
    return (
        sop_common_module(facts, sop_class, clock),
        patient_module(facts.patient, facts.site),
        study_module(facts, clock),
        series_module(facts, sop_class),
        equipment_module(device, facts, clock),
    )


def patient_module(patient: PatientFacts, site: SiteFacts) -> Values:
    """Patient and Patient Study modules, as far as they speak of the person."""
    patient_id = identifier(patient.patient_id, _LO, "patient_id")
    if not patient_id:
        raise InvalidFactsError("patient_id", "is empty: strangers would be taken for one person")
    return {
        "PatientName": person_name(patient.name, hangul_group=site.hangul_group),
        "PatientID": patient_id,
        "IssuerOfPatientID": identifier(patient.issuer_of_patient_id, _LO, "issuer_of_patient_id") or None,
        "PatientBirthDate": "" if patient.birth_date is None else patient.birth_date.isoformat().replace("-", ""),
        "PatientSex": patient.sex or "",
        "PatientAge": _age(patient.age) or None,
    }


def clock_of(facts: ObjectFacts) -> Clock:
    """What the object's moments are written by: the offset of its study's other objects, else of the site."""
    begin = facts.study.begin
    if begin is not None and begin.zone is not None:
        return Clock(begin.zone)
    return Clock.of_site(facts.site.timezone, facts.study.started_at)


def study_module(facts: ObjectFacts, clock: Clock) -> Values:
    """General Study module, and the visit."""
    study = facts.study
    begin = study.begin or StudyBegin(study.study_id, clock.date(study.started_at), clock.time(study.started_at))
    return {
        "StudyInstanceUID": checked_uid(study.study_instance_uid, "study_instance_uid"),
        "StudyID": identifier(begin.study_id, _SH, "study_id"),
        "StudyDate": begin.date,
        "StudyTime": begin.time,
        "AccessionNumber": identifier(study.accession_number, _SH, "accession_number"),
        "ReferringPhysicianName": _name(facts.referring_physician, facts.site, "referring_physician"),
        "StudyDescription": single_line(study.description, _LO) or None,
        "AdmissionID": identifier(study.admission_id, _LO, "admission_id") or None,
        "RequestingService": single_line(study.requesting_service, _LO) or None,
    }


def series_module(facts: ObjectFacts, sop_class: SopClass) -> Values:
    """General Series module."""
    return {
        "Modality": _MODALITIES.get(sop_class, _OTHER_MODALITY),
        "SeriesInstanceUID": checked_uid(facts.series.series_instance_uid, "series_instance_uid"),
        "SeriesNumber": facts.series.number,
        "SeriesDescription": single_line(facts.series.description, _LO) or None,
        "OperatorsName": _name(facts.operator, facts.site, "operator") or None,
        "RequestAttributesSequence": _request(facts.study) or None,
    }


def equipment_module(device: DeviceFacts, facts: ObjectFacts, clock: Clock) -> Values:
    """General Equipment: the camera and the place; the gateway only contributes (PS3.3 C.12.1.1.5)."""
    return {
        "Manufacturer": device.maker,
        "ManufacturerModelName": device.model or None,
        "DeviceSerialNumber": device.serial or None,
        "SoftwareVersions": device.software or None,
        "InstitutionName": single_line(facts.site.institution, _LO) or None,
        "StationName": single_line(facts.site.station, _SH) or None,
        "InstitutionalDepartmentName": single_line(facts.site.department, _LO) or None,
        "ContributingEquipmentSequence": [_gateway(facts, clock)],
    }


def sop_common_module(facts: ObjectFacts, sop_class: SopClass, clock: Clock) -> Values:
    """SOP Common module; the moment of receipt is the instance's creation, whatever the camera's clock said."""
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": sop_class.value,
        "SOPInstanceUID": checked_uid(facts.sop_instance_uid, "sop_instance_uid"),
        "InstanceCreationDate": clock.date(facts.received_at),
        "InstanceCreationTime": clock.time(facts.received_at),
        "TimezoneOffsetFromUTC": clock.offset(),
        "InstanceNumber": facts.instance_number,
        "ContentQualification": facts.site.content_qualification,
    }


def gateway_version(facts: ObjectFacts) -> str:
    """The gateway's own version as LO."""
    return single_line(facts.software_version, _LO)


def _request(study: StudyFacts) -> list[Dataset]:
    """The order that was worked off (PS3.3 table 10-9); none where neither of its identifiers is known."""
    procedure = identifier(study.requested_procedure_id, _SH, "requested_procedure_id")
    step = identifier(study.scheduled_step_id, _SH, "scheduled_step_id")
    if not procedure and not step:
        return []
    accession = identifier(study.accession_number, _SH, "accession_number")
    ids = {"RequestedProcedureID": procedure, "ScheduledProcedureStepID": step, "AccessionNumber": accession}
    return [dataset_of({keyword: value or None for keyword, value in ids.items()})]


def _gateway(facts: ObjectFacts, clock: Clock) -> Dataset:
    return dataset_of(
        {
            "PurposeOfReferenceCodeSequence": [code("109103", "DCM", "Modifying Equipment")],
            "Manufacturer": PRODUCT,
            "ManufacturerModelName": PRODUCT,
            "SoftwareVersions": gateway_version(facts) or None,
            "ContributionDateTime": clock.date_time(facts.received_at),
            "ContributionDescription": paragraphs("Photo received and made a DICOM object", 1024),
        }
    )


def _name(text: str, site: SiteFacts, field: str) -> str:
    return person_name(text, hangul_group=site.hangul_group, field=field)


def _age(age: str) -> str:
    if age and not is_age(age):
        raise InvalidFactsError("age", "is no DICOM Age String")
    return age
