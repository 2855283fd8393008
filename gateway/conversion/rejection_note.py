"""A rejection note: a Key Object Selection that says which object was stored by mistake (PS3.3 A.35.4).

By TID 2010 of PS3.16. The reason is 113038 (DCM), Incorrect Modality Worklist Entry: whoever knows the IHE profile
Imaging Object Change Management no longer shows what the note names.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from gateway.conversion.context_modules import PRODUCT
from gateway.conversion.dataset import code, dataset_of
from gateway.conversion.findings.document import clock_of
from gateway.conversion.part10 import file_meta
from gateway.conversion.text import single_line

KEY_OBJECT_SELECTION: Final = "1.2.840.10008.5.1.4.1.1.88.59"
DESCRIPTION: Final = "Rejection note"

_SR_CLASSES: Final = "1.2.840.10008.5.1.4.1.1.88."
_SERIES_NUMBER: Final = 2000
"""Above those of images, of reports and of opinions."""
_PATIENT: Final = 0x0010
_TYPE_2: Final = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber"),
)
_TAKEN_OVER: Final = ("StudyDescription", "InstitutionName", "StationName")
_LO: Final = 64


@dataclass(frozen=True, slots=True)
class RejectedObject:
    """The object that was stored by mistake, under the UIDs that it has where it is to be rejected."""

    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Where the note stands: a series of notes beside the object; `made_at` is aware and the same for every retry."""

    series_instance_uid: str
    sop_instance_uid: str
    instance_number: int
    made_at: datetime


def rejection_note(mistaken: Dataset, rejected: RejectedObject, place: NotePlace, software_version: str) -> bytes:
    """The file of a note; the same values always give the same bytes.

    `mistaken` is the header that was stored by mistake: the note is of its patient and study.
    """
    header = dataset_of(_context(mistaken, rejected), _own(mistaken, place, software_version), _content(rejected))
    header.file_meta = file_meta(header, ExplicitVRLittleEndian)
    target = BytesIO()
    dcmwrite(target, header, enforce_file_format=True)
    return target.getvalue()


def _context(mistaken: Dataset, rejected: RejectedObject) -> dict[str, object]:
    patient = [element.keyword for element in mistaken.group_dataset(_PATIENT) if element.keyword]
    chosen = [keyword for keyword in (*patient, *_TYPE_2, *_TAKEN_OVER) if keyword in mistaken]
    return {
        **dict.fromkeys(_TYPE_2, ""),
        **{keyword: mistaken.get(keyword) for keyword in chosen},
        "SpecificCharacterSet": "ISO_IR 192",
        "StudyInstanceUID": rejected.study_instance_uid,
    }


def _own(mistaken: Dataset, place: NotePlace, software_version: str) -> dict[str, object]:
    clock = clock_of(mistaken)
    return {
        "SOPClassUID": KEY_OBJECT_SELECTION,
        "SOPInstanceUID": place.sop_instance_uid,
        "InstanceCreationDate": clock.date(place.made_at),
        "InstanceCreationTime": clock.time(place.made_at),
        "ContentDate": clock.date(place.made_at),
        "ContentTime": clock.time(place.made_at),
        "TimezoneOffsetFromUTC": clock.offset(),
        "Modality": "KO",
        "SeriesInstanceUID": place.series_instance_uid,
        "SeriesNumber": _SERIES_NUMBER,
        "SeriesDescription": DESCRIPTION,
        "InstanceNumber": place.instance_number,
        "ReferencedPerformedProcedureStepSequence": [],
        "Manufacturer": PRODUCT,
        "ManufacturerModelName": PRODUCT,
        "SoftwareVersions": single_line(software_version, _LO) or None,
    }


def _content(rejected: RejectedObject) -> dict[str, object]:
    """The document: its title is the reason, its one item the object."""
    template = dataset_of({"MappingResource": "DCMR", "TemplateIdentifier": "2010"})
    item = dataset_of(
        {
            "ReferencedSOPSequence": [_reference(rejected)],
            "RelationshipType": "CONTAINS",
            "ValueType": "COMPOSITE" if rejected.sop_class_uid.startswith(_SR_CLASSES) else "IMAGE",
        }
    )
    return {
        "ValueType": "CONTAINER",
        "ConceptNameCodeSequence": [code("113038", "DCM", "Incorrect Modality Worklist Entry")],
        "ContinuityOfContent": "SEPARATE",
        "CurrentRequestedProcedureEvidenceSequence": [_evidence(rejected)],
        "ContentTemplateSequence": [template],
        "ContentSequence": [item],
    }


def _evidence(rejected: RejectedObject) -> Dataset:
    """The Hierarchical SOP Instance Reference Macro (PS3.3 C.17.2.1)."""
    series = dataset_of(
        {"ReferencedSOPSequence": [_reference(rejected)], "SeriesInstanceUID": rejected.series_instance_uid}
    )
    return dataset_of({"ReferencedSeriesSequence": [series], "StudyInstanceUID": rejected.study_instance_uid})


def _reference(rejected: RejectedObject) -> Dataset:
    return dataset_of(
        {"ReferencedSOPClassUID": rejected.sop_class_uid, "ReferencedSOPInstanceUID": rejected.sop_instance_uid}
    )
