"""What the identifier of a retrieval must and may hold (PS3.4 C.4.2.1.4, C.4.3.1.3). No I/O."""

from collections.abc import Mapping

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag
from pydicom.uid import UID
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made by the library at import
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from dimse.query_models import LEVELS, PATIENT_ROOT_FIND, STUDY_ROOT_FIND, UNIQUE_KEYS, checked_query
from dimse.querying import QueryLevel, QueryRefused
from dimse.retrieving import RetrieveStatus, Wanted

PATIENT_ROOT_MOVE = UID(PatientRootQueryRetrieveInformationModelMove)
STUDY_ROOT_MOVE = UID(StudyRootQueryRetrieveInformationModelMove)
PATIENT_ROOT_GET = UID(PatientRootQueryRetrieveInformationModelGet)
STUDY_ROOT_GET = UID(StudyRootQueryRetrieveInformationModelGet)

FIND_MODELS: Mapping[str, UID] = {
    PATIENT_ROOT_MOVE: PATIENT_ROOT_FIND,
    PATIENT_ROOT_GET: PATIENT_ROOT_FIND,
    STUDY_ROOT_MOVE: STUDY_ROOT_FIND,
    STUDY_ROOT_GET: STUDY_ROOT_FIND,
}
"""Retrieval classes -> the class that queries the same information model."""


def checked_retrieval(identifier: Dataset, sop_class_uid: str, *, relational: bool) -> Wanted:
    """What `identifier` asks for, in the information model of a SOP class that is in `FIND_MODELS`.

    Keys that are not unique ones are left aside; a unique key below the level is refused, for whoever gives one
    means less than its level says. `relational`: those above may be left out.

    Raises:
        QueryRefused: 0xA900 where it does not fit its model, 0xC000 where a value cannot be understood.
    """
    model = FIND_MODELS[sop_class_uid]
    asked = checked_query(identifier, model, relational=relational)
    levels = LEVELS[model]
    for lower in levels[levels.index(asked.level) + 1 :]:
        if _values(asked.keys, lower):
            raise _mismatch("a unique key below the level has a value", lower)
    keys: dict[QueryLevel, tuple[str, ...]] = {
        level: (asked.above[UNIQUE_KEYS[level]],) for level in levels if UNIQUE_KEYS[level] in asked.above
    }
    keys[asked.level] = _own_key(asked.keys, asked.level)
    return Wanted(asked.level, keys)


def _own_key(keys: Dataset, level: QueryLevel) -> tuple[str, ...]:
    values = _values(keys, level)
    if not values or any(set(value) & set("*?") for value in values):
        raise _mismatch(f"the unique key of the {level.value} level needs a value", level)
    if level is QueryLevel.PATIENT and len(values) > 1:
        raise _mismatch("one patient at a time", level)
    return values


def _values(keys: Dataset, level: QueryLevel) -> tuple[str, ...]:
    element = keys.get(BaseTag(UNIQUE_KEYS[level]))
    value = element.value if element is not None else None
    listed = value if isinstance(value, MultiValue) else [value]
    return tuple(dict.fromkeys(str(one) for one in listed if one))


def _mismatch(words: str, level: QueryLevel) -> QueryRefused:
    return QueryRefused(RetrieveStatus.IDENTIFIER_MISMATCH, words, UNIQUE_KEYS[level])
