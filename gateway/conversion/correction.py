"""A data set says of its patient and its order what is right, and keeps what it said before (PS3.3 C.12.1.1.9).

Pure rules. What is corrected is no other object: UIDs, pixels and what the picture shows stay as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
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

_TYPE_2: Final = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
_TYPE_2_OF_ORDER: Final = ("AccessionNumber", "ReferringPhysicianName", "StudyID")
"""What stays, and is empty where it is not known."""
_GROUPS: Final = (0x0010, 0x0032, 0x0038)
"""The person, the order and the visit; group 0008 has some attributes of theirs as well."""
_REQUEST: Final = "RequestAttributesSequence"
_ORDER: Final = (
    *(_REQUEST, "ReferencedRequestSequence", "ReasonForTheRequestedProcedure", "IssuerOfAccessionNumberSequence"),
    *("PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest"),
    *("RequestingPhysician", "RequestedProcedureDescription", "RequestedProcedureCodeSequence"),
)
_OF_PERSON_OR_VISIT: Final = (
    *("ReferringPhysicianAddress", "ReferringPhysicianTelephoneNumbers", "ReferringPhysicianIdentificationSequence"),
    *("ConsultingPhysicianName", "ConsultingPhysicianIdentificationSequence"),
    *("AdmittingDiagnosesDescription", "AdmittingDiagnosesCodeSequence"),
    *("ReferencedPatientSequence", "ReferencedVisitSequence", "ConfidentialityConstraintOnPatientDataDescription"),
)
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

    Of somebody else's header everything else of the person, the visit and the order goes too: it is the wrong
    patient's. Where the patient was unknown it stays, and with a new accession number only what the old order was goes.
    What goes, or is said otherwise now, is kept in Original Attributes Sequence.
    """
    before = Dataset()
    new = dataset_of(*_right(header, correction))
    changed = [element for element in new if not _same(header.get(element.keyword), element.value)]
    gone = sorted(_wrong(header, correction) - {int(element.tag) for element in new})
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
    if _text(header.get("PatientID")) != correction.patient["PatientID"]:
        yield {_ISSUER: ""}  # it is the other number's
    if _is_of_another(header, correction):
        yield dict.fromkeys((*_TYPE_2, *_TYPE_2_OF_ORDER), "")
    yield correction.patient
    yield correction.study
    if correction.request is not None and not _is_report(header):
        same = _has_request(header, correction.request)
        yield {_REQUEST: header[_REQUEST].value if same else [dataset_of(correction.request)]}


def _is_report(header: Dataset) -> bool:
    """Whether it is a structured report, whose series knows no request (PS3.3 C.17.1)."""
    return str(header.get("SOPClassUID") or "").startswith(_REPORTS)


def _is_of_another(header: Dataset, correction: Correction) -> bool:
    """Whether the header names a patient, and one who is not the right one; an issuer may be left out."""
    known, right = _text(header.get("PatientID")), correction.patient["PatientID"]
    issuers = {_text(header.get(_ISSUER)), _text(correction.patient.get(_ISSUER))} - {""}
    return bool(known) and not known.startswith(UNIDENTIFIED) and (known != right or len(issuers) > 1)


def _wrong(header: Dataset, correction: Correction) -> set[int]:
    """Tags that the header has of a wrong patient, or of a wrong order, and that go unless they are said anew."""
    keywords: Sequence[str] = ()
    tags: set[int] = set()
    if _is_of_another(header, correction):
        keywords = (*_ORDER, *_OF_PERSON_OR_VISIT)
        theirs = {int(tag) for tag in header.keys() if tag.group in _GROUPS}  # noqa: SIM118 - elements are iterated over
        tags = theirs - _tags_of(header, [_ISSUER])
    elif _is_of_another_order(header, correction):
        keywords = _ORDER
    return tags | _tags_of(header, keywords)


def _is_of_another_order(header: Dataset, correction: Correction) -> bool:
    known, right = _text(header.get("AccessionNumber")), _text(correction.study.get("AccessionNumber"))
    return bool(known) and bool(right) and known != right


def _tags_of(header: Dataset, keywords: Iterable[str]) -> set[int]:
    """The tags of those of them that the header has."""
    return {int(header[keyword].tag) for keyword in keywords if keyword in header}


def _has_request(header: Dataset, request: Values) -> bool:
    items: Sequence[Dataset] = header.get(_REQUEST) or []
    return len(items) == 1 and all(
        _same(items[0].get(number), request.get(number) or "") for number in _REQUEST_NUMBERS
    )


def _same(known: object, right: object) -> bool:
    return _text(known) == _text(right) and (known is not None or _text(right) == "")


def _text(value: object) -> str:
    if isinstance(value, PersonName):
        return str(value).strip(" \0").rstrip("=^")
    if isinstance(value, str):
        return value.strip(" \0")
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
