"""The Query/Retrieve information models: what an identifier must and may hold (PS3.4 C.4.1, C.6). No I/O.

Stricter than needed in nothing but what would be answered wrongly: a UID missing in a hierarchical query is refused
(A900), keys of another level are not, because they are asked for by many and are matched or returned where known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag
from pydicom.uid import UID
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made by the library at import
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
)

from dimse.querying import FindStatus, QueryLevel, QueryRefused

PATIENT_ROOT_FIND = UID(PatientRootQueryRetrieveInformationModelFind)
STUDY_ROOT_FIND = UID(StudyRootQueryRetrieveInformationModelFind)

SPECIFIC_CHARACTER_SET = 0x00080005
QUERY_RETRIEVE_LEVEL = 0x00080052
PATIENT_ID = 0x00100020
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E
SOP_INSTANCE_UID = 0x00080018

_NO_KEYS = frozenset({SPECIFIC_CHARACTER_SET, QUERY_RETRIEVE_LEVEL, 0x00080053, 0x00080201})
"""What says how to read the identifier: beside those two, Query/Retrieve View and Timezone Offset from UTC."""

UNIQUE_KEYS: Mapping[QueryLevel, int] = {
    QueryLevel.PATIENT: PATIENT_ID,
    QueryLevel.STUDY: STUDY_INSTANCE_UID,
    QueryLevel.SERIES: SERIES_INSTANCE_UID,
    QueryLevel.IMAGE: SOP_INSTANCE_UID,
}
LEVELS: Mapping[str, tuple[QueryLevel, ...]] = {
    PATIENT_ROOT_FIND: tuple(QueryLevel),
    STUDY_ROOT_FIND: (QueryLevel.STUDY, QueryLevel.SERIES, QueryLevel.IMAGE),
}
"""The levels of each model, from above."""

_DATE = r"\d{8}"
_TIME = r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"
_RANGES = {vr: re.compile(f"{one}|{one}-|-{one}|{one}-{one}") for vr, one in (("DA", _DATE), ("TM", _TIME))}
_OLD_DELIMITERS = {"DA": ".", "TM": ":"}
"""ACR-NEMA's forms of dates and times, still met (PS3.5 6.2)."""

_UID = re.compile(r"[0-9][0-9.]{0,63}")
_WHOLE_TEXT_VRS = frozenset({"LT", "ST", "UR", "UT"})
_TEXT_VRS = _WHOLE_TEXT_VRS | {"AE", "AS", "CS", "DT", "LO", "PN", "SH", "UC"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an identifier asks for.

    `above` are the unique keys of the levels above, with the one value each has; `wants_character_set` says that
    (0008,0005) is to come back whatever the answer holds.
    """

    level: QueryLevel
    keys: Dataset
    above: Mapping[int, str]
    wants_character_set: bool = False


def checked_query(identifier: Dataset, sop_class_uid: str, *, relational: bool) -> Asked:
    """What `identifier` asks for, in the information model of a SOP class that is in `LEVELS`.

    `relational`: such queries were negotiated, so that the unique keys of the levels above may be left out.

    Raises:
        QueryRefused: 0xA900 where it does not fit its model, 0xC000 where a value cannot be understood.
    """
    level = _level(identifier, sop_class_uid)
    keys = Dataset()
    for element in identifier:
        if int(element.tag) not in _NO_KEYS and element.tag.element != 0:  # of a group its length
            keys[element.tag] = _checked(element)
    above = _above(keys, LEVELS[sop_class_uid], level, relational=relational)
    return Asked(level, keys, above, _wants_character_set(identifier))


def _level(identifier: Dataset, sop_class_uid: str) -> QueryLevel:
    element = identifier.get(BaseTag(QUERY_RETRIEVE_LEVEL))
    text = str(element.value or "").strip() if element is not None else ""
    level = next((level for level in LEVELS[sop_class_uid] if level.value == text), None)
    if level is None:
        raise QueryRefused(
            FindStatus.IDENTIFIER_MISMATCH,
            "Query/Retrieve Level missing, or not in this model",
            QUERY_RETRIEVE_LEVEL,
        )
    return level


def _above(keys: Dataset, levels: tuple[QueryLevel, ...], level: QueryLevel, *, relational: bool) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for higher in levels[: levels.index(level)]:
        tag = UNIQUE_KEYS[higher]
        value = _single_value(keys, tag)
        if value:
            found[tag] = value
        elif not relational:
            raise QueryRefused(
                FindStatus.IDENTIFIER_MISMATCH, f"the unique key of the {higher.value} level needs a single value", tag
            )
    return found


def _single_value(keys: Dataset, tag: int) -> str:
    """The value of a unique key, empty where it has none, several, or a wildcard."""
    element = keys.get(BaseTag(tag))
    value = element.value if element is not None else None
    return value if isinstance(value, str) and not set(value) & set("*?") else ""


def _wants_character_set(identifier: Dataset) -> bool:
    element = identifier.get(BaseTag(SPECIFIC_CHARACTER_SET))
    return element is not None and (element.value or "") in ("", "ISO_IR 192")


def _checked(element: DataElement) -> DataElement:
    """The key with a value that a search understands; empty where it matches everything."""
    vr, value = element.VR, element.value
    if vr == "SQ":
        for item in value or ():
            for inner in list(item):
                item[inner.tag] = _checked(inner)
        return element
    texts = _texts(value)
    if vr in _TEXT_VRS and any("\ufffd" in text for text in texts):
        raise _not_understood("the text is not in the character set declared", element)
    if vr in _RANGES:
        texts = [_range(text, element) for text in texts]
    elif vr == "UI":
        texts = _uids(texts, element)
    elif vr not in _TEXT_VRS and vr != "IS":
        texts = []  # numbers and bytes are returned, not matched
    return _key(element.tag, vr, texts)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list | tuple | MultiValue) else [value]
    texts = ["" if single is None else str(single).strip(" \0") for single in values]
    return [] if all(set(text) <= {"*"} for text in texts) else list(filter(None, texts))


def _range(text: str, element: DataElement) -> str:
    plain = text.replace(" ", "").replace(_OLD_DELIMITERS[element.VR], "")
    if not _RANGES[element.VR].fullmatch(plain):
        raise _not_understood(f"neither a {element.VR} value nor a range of two", element)
    return plain


def _uids(texts: list[str], element: DataElement) -> list[str]:
    if not all(_UID.fullmatch(text) for text in texts):
        raise _not_understood("no UID, nor a list of them", element)
    return texts


def _key(tag: BaseTag, vr: str, texts: list[str]) -> DataElement:
    value: object = "" if not texts else texts[0] if len(texts) == 1 else MultiValue(str, texts)
    return DataElement(tag, vr, value, already_converted=True, validation_mode=config.IGNORE)


def _not_understood(words: str, element: DataElement) -> QueryRefused:
    return QueryRefused(FindStatus.UNABLE_TO_PROCESS, words, int(element.tag))
