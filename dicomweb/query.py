"""The query string of a search (PS3.18 8.3.4): text in, a `Search` out.

Faults are named by parameter, never with the value, which may be a name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from dicomweb.archive import Level, Search
from dicomweb.attributes import DEFAULT_TAGS, SERIES_INSTANCE_UID, STUDY_INSTANCE_UID
from dicomweb.uids import is_uid

_MAX_PARAMETERS = 100
_MAX_QUERY_LENGTH = 16 * 1024
_MAX_DEPTH = 4
_LONGEST_KEYWORD = 128
"""Characters; twice as many as the longest has."""
_HEX_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_DIGITS = re.compile(r"[0-9]{1,9}")
_DATE = r"\d{8}"
_TIME = r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?"
_MOMENT = r"\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?"
_RANGES = {
    vr: re.compile(f"{one}|{one}-|-{one}|{one}-{one}") for vr, one in (("DA", _DATE), ("TM", _TIME), ("DT", _MOMENT))
}
_FUZZY_NAMES = "fuzzymatching"
_SWITCHES = (_FUZZY_NAMES, "emptyvaluematching", "multiplevaluematching")
_ELSEWHERE = frozenset({"accept", "charset"})


class QueryError(ValueError):
    """A query string that cannot be answered; the text names the parameter."""


@dataclass(frozen=True, slots=True)
class PathKeys:
    """What the resource path fixes: `/studies/S/series/E/instances` fixes both."""

    study_instance_uid: str | None = None
    series_instance_uid: str | None = None


@dataclass(slots=True)
class ParsedQuery:
    """A search, and what has to be said about it in Warning headers."""

    search: Search
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Collected:
    matchable: frozenset[int] | None
    keys: Dataset = field(default_factory=Dataset)
    include: set[int] = field(default_factory=set)
    include_all: bool = False
    fuzzy_names: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def parse_query(
    query_string: str,
    level: Level,
    path: PathKeys,
    *,
    default_limit: int = 100,
    max_limit: int = 1000,
    matchable: frozenset[int] | None = None,
) -> ParsedQuery:
    """A query string as it stands in the URL, not decoded, as a search.

    Every key is also returned (10.6.3.3). A resource above whose level the path fixes nothing also returns the
    attributes of that level: `/series` those of its study. A key that is not `matchable` (None: all are) is left
    aside by the archive, and the client is warned.

    Raises:
        QueryError: a parameter is unknown, doubled, or its value is none for it.
    """
    collected = _Collected(matchable)
    for name, value in parameters(query_string):
        _take(collected, name, value)
    _add_path_keys(collected.keys, path)
    collected.include.update(int(tag) for tag in collected.keys.keys())  # noqa: SIM118 - iteration gives elements
    collected.include |= _tags_above(level, path)
    search = Search(
        level=level,
        keys=collected.keys,
        include=None if collected.include_all else frozenset(collected.include),
        limit=min(collected.numbers.get("limit", default_limit), max_limit),
        offset=collected.numbers.get("offset", 0),
        fuzzy_names=collected.fuzzy_names,
    )
    return ParsedQuery(search, collected.warnings)


def parameters(query_string: str) -> list[tuple[str, str]]:
    """Names and values, percent-decoded as UTF-8; `+` is a space, as browsers write it.

    Raises:
        QueryError: too long, too many, or not UTF-8.
    """
    if len(query_string) > _MAX_QUERY_LENGTH:
        raise QueryError(f"the query is longer than {_MAX_QUERY_LENGTH} characters")
    pairs = [pair.partition("=") for pair in query_string.split("&") if pair]
    if len(pairs) > _MAX_PARAMETERS:
        raise QueryError(f"more than {_MAX_PARAMETERS} parameters")
    return [(_decode(name), _decode(value)) for name, _, value in pairs]


def accept_parameter(query_string: str) -> str | None:
    """The accept parameter (8.3.3.1), decoded, None where there is none; its `+` is a plus: `dicom+json`."""
    for pair in query_string[:_MAX_QUERY_LENGTH].split("&"):
        if pair.startswith("accept="):
            return _decode(pair.removeprefix("accept=").replace("+", "%2B"))
    return None


def _decode(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise QueryError("the query is not UTF-8") from None


def _take(collected: _Collected, name: str, value: str) -> None:
    if name == "includefield":
        _take_include(collected, value)
    elif name in ("limit", "offset"):
        _once(collected, name)
        if not _DIGITS.fullmatch(value):
            raise QueryError(f"{name} is no non-negative integer")
        collected.numbers[name] = int(value)
    elif name in _SWITCHES:
        _take_switch(collected, name, value)
    elif name not in _ELSEWHERE:
        tags = _tag_path(name)
        _once(collected, ".".join(f"{tag:08X}" for tag in tags), name)
        _set_key(collected.keys, tags, value, name)
        if collected.matchable is not None and not collected.matchable.issuperset(tags) and set(value) - {"*"}:
            collected.warnings.append(f"Matching by {name} is not supported. The key has been left aside.")


def _once(collected: _Collected, key: str, name: str | None = None) -> None:
    if key in collected.seen:
        raise QueryError(f"{(name or key)[:64]} is given twice")
    collected.seen.add(key)


def _take_switch(collected: _Collected, name: str, value: str) -> None:
    if value not in ("true", "false"):
        raise QueryError(f"{name} is neither true nor false")
    if name == _FUZZY_NAMES:
        collected.fuzzy_names = value == "true"
    elif value == "true":
        collected.warnings.append(f"The {name} parameter is not supported. Only literal matching has been performed.")


def _take_include(collected: _Collected, value: str) -> None:
    for name in filter(None, value.split(",")):
        if name == "all":
            collected.include_all = True
            continue
        try:
            collected.include.add(_tag_path(name)[0])
        except QueryError:
            collected.warnings.append("An includefield names no known attribute and is left out.")


def _tag_path(name: str) -> list[int]:
    """`RequestAttributesSequence.00400009` as tags."""
    parts = name.split(".")
    if len(parts) > _MAX_DEPTH:
        raise QueryError(f"a key is nested deeper than {_MAX_DEPTH}")
    return [_tag(part) for part in parts]


def _tag(name: str) -> int:
    if _HEX_TAG.fullmatch(name):
        return int(name, 16)
    tag = _tag_of_keyword(name) if len(name) <= _LONGEST_KEYWORD else None
    if tag is None:
        printable = re.sub(r"[^0-9A-Za-z_\-]", "?", name[:64])
        raise QueryError(f"{printable} is neither a parameter nor an attribute")
    return tag


@lru_cache(maxsize=1024)
def _tag_of_keyword(name: str) -> int | None:
    return tag_for_keyword(name)


def _vr(tag: int, name: str) -> str:
    try:
        return _vr_of(tag)
    except KeyError:
        raise QueryError(f"{name[:64]} is no attribute of the data dictionary") from None


@lru_cache(maxsize=1024)
def _vr_of(tag: int) -> str:
    return dictionary_VR(tag).split(" or ")[0]


def _set_key(keys: Dataset, tags: list[int], value: str, name: str) -> None:
    *parents, last = tags
    for tag in parents:
        if _vr(tag, name) != "SQ":
            raise QueryError(f"{name[:64]}: only sequences have attributes inside")
        if tag not in keys:
            keys[BaseTag(tag)] = DataElement(BaseTag(tag), "SQ", Sequence([Dataset()]))
        keys = keys[BaseTag(tag)].value[0]
    vr = _vr(last, name)
    parsed = Sequence([Dataset()]) if vr == "SQ" else _key_value(vr, value, name)
    keys[BaseTag(last)] = DataElement(BaseTag(last), vr, parsed, already_converted=True, validation_mode=config.IGNORE)


def _key_value(vr: str, value: str, name: str) -> Any:
    if set(value) <= {"*"}:
        return ""
    if vr == "UI":
        return _uid_list(value, name)
    if vr in _RANGES and not _RANGES[vr].fullmatch(value):
        raise QueryError(f"{name[:64]} is neither a {vr} value nor a range of two")
    return value


def _uid_list(value: str, name: str) -> Any:
    """A list of UIDs, by comma, or by backslash as older clients write it (10.6.1.2.2)."""
    uids = [uid.strip() for uid in re.split(r"[,\\]", value) if uid.strip()]
    if not all(is_uid(uid) for uid in uids):
        raise QueryError(f"{name[:64]} is no list of UIDs")
    return uids[0] if len(uids) == 1 else MultiValue(str, uids)


def _add_path_keys(keys: Dataset, path: PathKeys) -> None:
    fixed: Mapping[int, str | None] = {
        STUDY_INSTANCE_UID: path.study_instance_uid,
        SERIES_INSTANCE_UID: path.series_instance_uid,
    }
    for tag, uid in fixed.items():
        if uid is None:
            continue
        if tag in keys and keys[BaseTag(tag)].value not in ("", uid):
            raise QueryError("a UID of the path is given with another value in the query")
        keys[BaseTag(tag)] = DataElement(BaseTag(tag), "UI", uid, already_converted=True, validation_mode=config.IGNORE)


def _tags_above(level: Level, path: PathKeys) -> frozenset[int]:
    above: frozenset[int] = frozenset()
    if level is not Level.STUDY and path.study_instance_uid is None:
        above |= DEFAULT_TAGS[Level.STUDY]
    if level is Level.INSTANCE and path.series_instance_uid is None:
        above |= DEFAULT_TAGS[Level.SERIES]
    return above
