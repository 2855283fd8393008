"""A structured report as a whole DICOM file: Comprehensive 3D SR (PS3.3 A.35.13), Explicit VR Little Endian.

Whose it is and which study it belongs to is taken over from an object of that study as it stands, so that a report
always agrees with its images.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, timedelta, timezone
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from dicomweb.archive import JsonObject
from dicomweb.dicom_json import to_json
from gateway.conversion.clock import Clock
from gateway.conversion.coding_schemes import schemes_module
from gateway.conversion.context_modules import PRODUCT
from gateway.conversion.dataset import checked_uid, dataset_of
from gateway.conversion.findings.elements import Encoded
from gateway.conversion.findings.facts import ReportingDevice, ReportPlace
from gateway.conversion.part10 import file_meta, file_start
from gateway.conversion.text import single_line

COMPREHENSIVE_3D_SR: Final = "1.2.840.10008.5.1.4.1.1.88.34"
_LO: Final = 64
_PATIENT: Final = 0x0010
_TAKEN_OVER: Final = (
    *("StudyInstanceUID", "StudyID", "StudyDate", "StudyTime", "StudyDescription", "AccessionNumber"),
    *("ReferringPhysicianName", "RequestingService", "AdmissionID", "InstitutionName", "InstitutionalDepartmentName"),
    "StationName",
    "ContentQualification",
)
_MAY_BE_EMPTY: Final = frozenset({"StudyID", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"})
"""Type 2 of the General Study module (PS3.3 C.7.2.1)."""
_TYPE_2_OF_PATIENT: Final = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
_OFFSET: Final = re.compile(r"([+-])(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class ReportObject:
    """One report, not yet written: the whole file, and its data set as DICOM JSON."""

    data: bytes = field(repr=False)
    header: JsonObject = field(repr=False)
    transfer_syntax_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str


def clock_of(study_object: Dataset) -> Clock:
    """The clock that an object's dates and times are written by; UTC where it does not say."""
    found = _OFFSET.fullmatch(str(study_object.get("TimezoneOffsetFromUTC") or ""))
    if found is None:
        return Clock(UTC)
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return Clock(timezone(-offset if sign == "-" else offset))


def report_object(
    study_object: Dataset, place: ReportPlace, device: ReportingDevice, description: str, content: Encoded
) -> ReportObject:
    """The file of a report.

    `study_object` is the header of an object of the study, `content` all elements from Value Type (0040,A040) on.
    Raises InvalidFactsError where a UID is none.
    """
    header = _header(study_object, place, device, description)
    header.update(dataset_of(schemes_module(content.schemes, str(study_object.get("InstitutionName") or ""))))
    members = to_json(header)
    return ReportObject(
        data=file_start(header) + content.data,
        header={**members, **content.members},
        transfer_syntax_uid=str(ExplicitVRLittleEndian),
        sop_class_uid=COMPREHENSIVE_3D_SR,
        sop_instance_uid=place.sop_instance_uid,
        series_instance_uid=place.series_instance_uid,
        study_instance_uid=str(header.StudyInstanceUID),
    )


def _header(study_object: Dataset, place: ReportPlace, device: ReportingDevice, description: str) -> Dataset:
    clock = clock_of(study_object)
    header = dataset_of(
        {"SpecificCharacterSet": "ISO_IR 192", **dict.fromkeys((*_TYPE_2_OF_PATIENT, *sorted(_MAY_BE_EMPTY)), "")},
        _taken_over(study_object),
        {
            "SOPClassUID": COMPREHENSIVE_3D_SR,
            "SOPInstanceUID": checked_uid(place.sop_instance_uid, "sop_instance_uid"),
            "InstanceCreationDate": clock.date(place.made_at),
            "InstanceCreationTime": clock.time(place.made_at),
            "ContentDate": clock.date(place.made_at),
            "ContentTime": clock.time(place.made_at),
            "TimezoneOffsetFromUTC": clock.offset(),
            "Modality": "SR",
            "SeriesInstanceUID": checked_uid(place.series_instance_uid, "series_instance_uid"),
            "SeriesNumber": place.series_number,
            "SeriesDescription": single_line(description, _LO),
            "InstanceNumber": place.instance_number,
            "ReferencedPerformedProcedureStepSequence": [],
            "Manufacturer": PRODUCT,
            "ManufacturerModelName": PRODUCT,
            "DeviceSerialNumber": device.uid,
            "SoftwareVersions": single_line(device.software_version, _LO),
        },
    )
    header.file_meta = file_meta(header, ExplicitVRLittleEndian)
    return header


def _taken_over(study_object: Dataset) -> dict[str, object]:
    """The whole of group 0010, and the study; `""` where the object has an empty value."""
    patient = [element.keyword for element in study_object.group_dataset(_PATIENT) if element.keyword]
    chosen = [keyword for keyword in (*patient, *_TAKEN_OVER) if keyword in study_object]
    return {keyword: study_object.get(keyword) for keyword in chosen}
