"""What the index keeps of one object: read from its header as DICOM JSON, without I/O.

The tags of each level are those a search may return there; a search returns the default ones unless asked for
more (PS3.18 10.6.3.3).
"""

from dataclasses import dataclass
from typing import Any

import orjson

from dicomweb.archive import JsonObject
from gateway.archive.errors import StudyMismatch
from gateway.archive.normal_forms import folded_name, plain_date, plain_text, plain_time
from gateway.archive.tables import NUMBER_UNKNOWN, TEXT_LENGTH

UNIDENTIFIED_PREFIX = "UNID-"
_LONGEST_MEMBER_BYTES = 16 * 1024
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")

PATIENT_DEFAULT = frozenset({"00100010", "00100020", "00100030", "00100040"})
PATIENT_TAGS = PATIENT_DEFAULT | {
    "00100021", "00100032", "00100035", "00101000", "00101001", "00102160", "00104000", "00120062",
}  # fmt: skip
STUDY_DEFAULT = frozenset({"00080020", "00080030", "00080050", "00080090", "00080201", "0020000D", "00200010"})
STUDY_TAGS = STUDY_DEFAULT | {
    "00080051", "00081030", "00081032", "00081048", "00081060", "00081110", "00101010", "00101020", "00101030",
    "00102180", "001021B0", "00380010", "00400012", "00080005",
}  # fmt: skip
SERIES_DEFAULT = frozenset(
    {"00080060", "00080201", "0008103E", "0020000E", "00200011", "00400244", "00400245", "00400275"}
)
SERIES_TAGS = SERIES_DEFAULT | {
    "00080021", "00080031", "00080070", "00080080", "00081010", "00081040", "00081050", "00081070", "00081090",
    "00180015", "00181000", "00181020", "00181030", "00200052", "00200060", "00400253", "00400254", "00081111",
}  # fmt: skip
INSTANCE_DEFAULT = frozenset(
    {"00080016", "00080018", "00080201", "00200013", "00280008", "00280010", "00280011", "00280100"}
)
INSTANCE_TAGS = INSTANCE_DEFAULT | {
    "00080008", "00080012", "00080013", "00080022", "00080023", "0008002A", "00080032", "00080033", "00200012",
    "00200062", "00204000", "00280002", "00280004", "00280101", "00282110",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """A patient as one object tells of them; `names` are the folded component groups."""

    issuer_of_patient_id: str
    patient_id: str
    names: tuple[str, ...]
    birth_date: str
    sex: str
    attributes: JsonObject


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """A study as one object tells of it."""

    study_instance_uid: str
    study_date: str
    study_time: str
    accession_number: str
    study_identifier: str
    description: str
    referring_physician_names: tuple[str, ...]
    attributes: JsonObject


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One item of RequestAttributesSequence."""

    scheduled_procedure_step_id: str
    requested_procedure_id: str


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """A series as one object tells of it."""

    series_instance_uid: str
    modality: str
    series_number: int
    procedure_step_start_date: str
    procedure_step_start_time: str
    requests: tuple[RequestFacts, ...]
    attributes: JsonObject


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """An instance."""

    sop_instance_uid: str
    sop_class_uid: str
    instance_number: int
    attributes: JsonObject


@dataclass(frozen=True, slots=True)
class Facts:
    """One object at all four levels."""

    patient: PatientFacts
    study: StudyFacts
    series: SeriesFacts
    instance: InstanceFacts


def read_facts(header: JsonObject) -> Facts:
    """The facts of a header whose UIDs were checked; raises StudyMismatch for an identity that cannot be kept."""
    return Facts(_patient(header), _study(header), _series(header), _instance(header))


def _patient(header: JsonObject) -> PatientFacts:
    patient_id = _identity(header, "00100020")
    issuer = _identity(header, "00100021") if patient_id else ""
    return PatientFacts(
        issuer_of_patient_id=issuer,
        # Strangers are never merged: without an id the study is all that tells one from another.
        patient_id=patient_id or UNIDENTIFIED_PREFIX + _text(header, "0020000D"),
        names=_names(header, "00100010"),
        birth_date=plain_date(_text(header, "00100030")),
        sex=_text(header, "00100040")[:16],
        attributes=_chosen(header, PATIENT_TAGS),
    )


def _study(header: JsonObject) -> StudyFacts:
    return StudyFacts(
        study_instance_uid=_text(header, "0020000D"),
        study_date=plain_date(_text(header, "00080020")),
        study_time=plain_time(_text(header, "00080030")),
        accession_number=_text(header, "00080050"),
        study_identifier=_text(header, "00200010"),
        description=_text(header, "00081030"),
        referring_physician_names=_names(header, "00080090"),
        attributes=_chosen(header, STUDY_TAGS),
    )


def _series(header: JsonObject) -> SeriesFacts:
    items = [item for item in _values(header, "00400275") if isinstance(item, dict)]
    return SeriesFacts(
        series_instance_uid=_text(header, "0020000E"),
        modality=_text(header, "00080060")[:16],
        series_number=_number(header, "00200011"),
        procedure_step_start_date=plain_date(_text(header, "00400244")),
        procedure_step_start_time=plain_time(_text(header, "00400245")),
        requests=tuple(RequestFacts(_text(item, "00400009"), _text(item, "00401001")) for item in items),
        attributes=_chosen(header, SERIES_TAGS),
    )


def _instance(header: JsonObject) -> InstanceFacts:
    return InstanceFacts(
        sop_instance_uid=_text(header, "00080018"),
        sop_class_uid=_text(header, "00080016"),
        instance_number=_number(header, "00200013"),
        attributes=_chosen(header, INSTANCE_TAGS),
    )


def _chosen(header: JsonObject, tags: frozenset[str]) -> JsonObject:
    """The members of these tags; what is left in the file, or is very long, is no answer to a search."""
    return {
        tag: member
        for tag, member in header.items()
        if tag in tags and "BulkDataURI" not in member and len(orjson.dumps(member)) <= _LONGEST_MEMBER_BYTES
    }


def _values(header: JsonObject, tag: str) -> list[Any]:
    values = header.get(tag, {}).get("Value")
    return values if isinstance(values, list) else []


def _text(header: JsonObject, tag: str) -> str:
    values = _values(header, tag)
    return plain_text(str(values[0])) if values and values[0] is not None else ""


def _identity(header: JsonObject, tag: str) -> str:
    text = _text(header, tag)
    if len(text) == TEXT_LENGTH:  # cut, perhaps; two patients whose ids begin alike must not become one
        raise StudyMismatch(f"the value of ({tag[:4]},{tag[4:]}) is longer than {TEXT_LENGTH - 1} characters")
    return text


def _number(header: JsonObject, tag: str) -> int:
    values = _values(header, tag)
    number = values[0] if values else None
    return number if isinstance(number, int) and abs(number) < NUMBER_UNKNOWN else NUMBER_UNKNOWN


def _names(header: JsonObject, tag: str) -> tuple[str, ...]:
    """The folded component groups of every name, each once, none empty."""
    names = [name for name in _values(header, tag) if isinstance(name, dict)]
    folded = (folded_name(name.get(group, "")) for name in names for group in _NAME_GROUPS)
    return tuple(dict.fromkeys(value for value in folded if value))
