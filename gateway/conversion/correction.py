"""A data set says of its patient and its order what is right, and keeps what it said before (PS3.3 C.12.1.1.9).

Pure rules. What is corrected is no other object: UIDs, pixels and what the picture shows stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from gateway.conversion.dataset import Values, dataset_of
from gateway.conversion.text import single_line

UNIDENTIFIED: Final = "UNID-"
"""How the ids begin that the gateway gives to somebody unknown."""

_PATIENT: Final = 0x0010
_TYPE_2: Final = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
_ORDER: Final = ("AccessionNumber", "ReferringPhysicianName")
_VISIT_AND_ORDER: Final = (
    *("AdmissionID", "RequestingService", "RequestingPhysician", "RequestedProcedureDescription"),
    *("RequestedProcedureCodeSequence", "RequestAttributesSequence", "ReferencedRequestSequence"),
)
"""Of the wrong patient like all of group 0010, but for the attributes of `_ORDER`, which stay and are empty."""
_ISSUER: Final = "IssuerOfPatientID"
_REQUEST_NUMBERS: Final = (
    "AccessionNumber",
    "RequestedProcedureID",
    "ScheduledProcedureStepID",
    "StudyInstanceUID",
)
_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_UTF_8: Final = "ISO_IR 192"
_LO: Final = 64


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right. `patient` and `study` are keywords with their values, `""` for what is known to be empty.

    `patient` holds PatientID at least. `request` is the one item of Request Attributes Sequence, None to leave that as
    it is. `made_at` is aware, `system` the name of the gateway.
    """

    patient: Values
    study: Values
    made_at: datetime
    system: str
    request: Values | None = None


def correct(header: Dataset, correction: Correction) -> bool:
    """Let a header say what is right; returns whether anything had to be changed.

    Of somebody else's header everything else in group 0010 goes too: it is of the wrong patient. Where the patient was
    unknown it stays. What goes, or is said otherwise now, is kept in Original Attributes Sequence.
    """
    before = Dataset()
    new = dataset_of(*_right(header, correction))
    changed = [element for element in new if not _same(header.get(element.keyword), element.value)]
    gone = list(_of_the_wrong_patient(header, correction))
    if not changed and not gone:
        return False
    _make_room_for_text(header, changed)
    for tag in (*(element.tag for element in changed), *gone):
        if tag in header:
            before.add(header[tag])
    for tag in gone:
        del header[tag]
    for element in changed:
        header.add(element)
    if before:
        history = list(header.get("OriginalAttributesSequence") or ())
        header.OriginalAttributesSequence = [*history, _original(before, correction)]
    return True


def _right(header: Dataset, correction: Correction) -> Iterator[Values]:
    if str(header.get("PatientID") or "") != correction.patient["PatientID"]:
        yield {_ISSUER: ""}  # it is the other number's
    yield correction.patient
    if _is_of_another(header, correction):
        yield {keyword: "" for keyword in (*_TYPE_2, *_ORDER) if correction.patient.get(keyword) is None}
    yield correction.study
    if correction.request is not None and not _is_report(header) and not _has_request(header, correction.request):
        yield {"RequestAttributesSequence": [dataset_of(correction.request)]}


def _is_report(header: Dataset) -> bool:
    """Whether it is a structured report, whose series knows no request (PS3.3 C.17.1)."""
    return str(header.get("SOPClassUID") or "").startswith(_REPORTS)


def _is_of_another(header: Dataset, correction: Correction) -> bool:
    """Whether the header names a patient, and one who is not the right one."""
    known = str(header.get("PatientID") or "")
    return bool(known) and not known.startswith(UNIDENTIFIED) and known != correction.patient["PatientID"]


def _of_the_wrong_patient(header: Dataset, correction: Correction) -> Iterator[int]:
    """Tags of what is not said otherwise, and goes: what is known of the person, the visit and the order."""
    if not _is_of_another(header, correction):
        return
    for keyword in _VISIT_AND_ORDER:
        if keyword in header and correction.study.get(keyword) is None:
            yield int(header[keyword].tag)
    told = {keyword for keyword, value in correction.patient.items() if value is not None} | {*_TYPE_2, _ISSUER}
    for element in header.group_dataset(_PATIENT):
        if element.keyword not in told:
            yield int(element.tag)


def _has_request(header: Dataset, request: Values) -> bool:
    items: Sequence[Dataset] = header.get("RequestAttributesSequence") or []
    return len(items) == 1 and all(
        _same(items[0].get(number), request.get(number) or "") for number in _REQUEST_NUMBERS
    )


def _same(known: object, right: object) -> bool:
    return _text(known) == _text(right) and (known is not None or _text(right) == "")


def _text(value: object) -> str:
    if isinstance(value, PersonName | str):
        return str(value).strip(" \0").rstrip("=^")
    return "" if value is None else repr(value)


def _make_room_for_text(header: Dataset, changed: Sequence[DataElement]) -> None:
    """Turn a header's text to UTF-8 where its character set might not have the letters that are to be added."""
    declared = header.get("SpecificCharacterSet") or ""
    if declared == _UTF_8 or all(_text(element.value).isascii() for element in changed if element.VR != "SQ"):
        return
    header.decode()
    header.SpecificCharacterSet = _UTF_8


def _original(before: Dataset, correction: Correction) -> Dataset:
    """An item of Original Attributes Sequence; who the values came from first is not known."""
    return dataset_of(
        {
            "SourceOfPreviousValues": "",
            "AttributeModificationDateTime": f"{correction.made_at:%Y%m%d%H%M%S.%f%z}",
            "ModifyingSystem": single_line(correction.system, _LO),
            "ReasonForTheAttributeModification": "CORRECT",
            "ModifiedAttributesSequence": [before],
        }
    )
