"""What the index keeps of one object: read from its header as DICOM JSON, without I/O.

Each level keeps every attribute that `dicomweb.attributes` counts to it (patients those of group 0010).
"""

from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache
from typing import Any

import orjson

from dicomweb.archive import JsonObject, Level
from dicomweb.attributes import level_of
from dicomweb.fuzzy_names import name_words
from gateway.archive.errors import StudyMismatch
from gateway.archive.normal_forms import plain_date, plain_names, plain_text, plain_time
from gateway.archive.tables import NUMBER_UNKNOWN, TEXT_LENGTH

UNIDENTIFIED_PREFIX = "UNID-"
_LONGEST_MEMBER_BYTES = 16 * 1024
_SHORT_TEXT = 1024
"""Characters that are never a long member, however they are written."""
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")

INSTANCE_TAGS = frozenset(
    {
        *(0x00080008, 0x00080012, 0x00080013, 0x00080016, 0x00080018, 0x0008002A, 0x00080023, 0x00080033),
        *(0x00200013, 0x00204000, 0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101),
    }
)
"""What the index keeps of an instance's attributes; the others stand in its header."""


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a person's name is found by: its folded forms literally, its words fuzzily; both empty for no name."""

    forms: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """A patient as one object tells of them."""

    issuer_of_patient_id: str
    patient_id: str
    names: NameFacts
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
    referring_physician_names: NameFacts
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
    kept = _kept(header)
    return Facts(
        _patient(header, kept[_Owner.PATIENT]),
        _study(header, kept[_Owner.STUDY]),
        _series(header, kept[_Owner.SERIES]),
        _instance(header, kept[_Owner.INSTANCE]),
    )


def _patient(header: JsonObject, attributes: JsonObject) -> PatientFacts:
    patient_id = _identity(header, "00100020")
    issuer = _identity(header, "00100021") if patient_id else ""
    return PatientFacts(
        issuer_of_patient_id=issuer,
        # Strangers are never merged: without an id the study is all that tells one from another.
        patient_id=patient_id or UNIDENTIFIED_PREFIX + _text(header, "0020000D"),
        names=_names(header, "00100010"),
        birth_date=plain_date(_text(header, "00100030")),
        sex=_text(header, "00100040")[:16],
        attributes=attributes,
    )


def _study(header: JsonObject, attributes: JsonObject) -> StudyFacts:
    return StudyFacts(
        study_instance_uid=_text(header, "0020000D"),
        study_date=plain_date(_text(header, "00080020")),
        study_time=plain_time(_text(header, "00080030")),
        accession_number=_text(header, "00080050"),
        study_identifier=_text(header, "00200010"),
        description=_text(header, "00081030"),
        referring_physician_names=_names(header, "00080090"),
        attributes=attributes,
    )


def _series(header: JsonObject, attributes: JsonObject) -> SeriesFacts:
    items = [item for item in _values(header, "00400275") if isinstance(item, dict)]
    return SeriesFacts(
        series_instance_uid=_text(header, "0020000E"),
        modality=_text(header, "00080060")[:16],
        series_number=_number(header, "00200011"),
        procedure_step_start_date=plain_date(_text(header, "00400244")),
        procedure_step_start_time=plain_time(_text(header, "00400245")),
        requests=tuple(RequestFacts(_text(item, "00400009"), _text(item, "00401001")) for item in items),
        attributes=attributes,
    )


def _instance(header: JsonObject, attributes: JsonObject) -> InstanceFacts:
    return InstanceFacts(
        sop_instance_uid=_text(header, "00080018"),
        sop_class_uid=_text(header, "00080016"),
        instance_number=_number(header, "00200013"),
        attributes=attributes,
    )


class _Owner(IntEnum):
    """Whose row keeps an attribute."""

    PATIENT = auto()
    STUDY = auto()
    SERIES = auto()
    INSTANCE = auto()


@lru_cache(maxsize=4096)
def _owner(tag: str) -> _Owner | None:
    """None: it stands in the header alone."""
    level = level_of(int(tag, 16))
    if level is Level.STUDY:
        return _Owner.PATIENT if tag.startswith("0010") else _Owner.STUDY
    if level is Level.SERIES:
        return _Owner.SERIES
    return _Owner.INSTANCE if int(tag, 16) in INSTANCE_TAGS else None


def _kept(header: JsonObject) -> dict[_Owner, JsonObject]:
    """The members each row keeps; what is left in the file, or is very long, is no answer to a search."""
    kept: dict[_Owner, JsonObject] = {owner: {} for owner in _Owner}
    for tag, member in header.items():
        owner = _owner(tag)
        if owner is not None and "BulkDataURI" not in member and _is_short(member):
            kept[owner][tag] = member
    return kept


def _is_short(member: JsonObject) -> bool:
    values = member.get("Value", ())
    if len(values) == 1 and isinstance(values[0], str) and len(values[0]) <= _SHORT_TEXT:
        return True
    return len(orjson.dumps(member)) <= _LONGEST_MEMBER_BYTES


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


def _names(header: JsonObject, tag: str) -> NameFacts:
    """The forms and words of every name, each once."""
    names = [name for name in _values(header, tag) if isinstance(name, dict)]
    whole = ["=".join(name.get(group, "") for group in _NAME_GROUPS).rstrip("=") for name in names]
    return NameFacts(tuple(dict.fromkeys(form for name in whole for form in plain_names(name))), name_words(*whole))
