"""Answers to a query: what is known, as DICOM JSON, cut to what was asked for, encoded (PS3.4 C.4.1.1.3.2, PS3.5 7.1).

Every return key comes back, empty where nothing is known of it. Encoded here rather than by pydicom: that takes ten
times as long, which is most of what an answer costs. No I/O.
"""

import struct
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.valuerep import format_number_as_ds

from dimse.part10 import LONG_LENGTH_VRS
from dimse.query_models import PATIENT_ID, QUERY_RETRIEVE_LEVEL, SPECIFIC_CHARACTER_SET, Asked
from dimse.querying import JsonObject

UNICODE = b"ISO_IR 192"
RETRIEVE_AE_TITLE = 0x00080054
LONGEST_VALUE_BYTES = 16 * 1024
"""Of one attribute; what is longer comes back empty. Below what two bytes of length can say (PS3.5 7.1.2)."""

_LONGEST_DS = 16
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_TEXT_VRS = frozenset({"LO", "LT", "SH", "ST", "UC", "UR", "UT"})
_CODE_VRS = frozenset({"AE", "AS", "CS", "DA", "DT", "IS", "TM", "UI"})
_NUL_PADDED = _BINARY_VRS | {"UI"}
_ITEM = struct.Struct("<HHL")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A key of the query; `items` are those inside a sequence's item, none for all there are."""

    tag: int
    name: str
    vr: str
    items: tuple["_Wanted", ...] = ()


class AnswerEncoder:
    """Makes the answers to one query: the keys asked for, the level, and the unique keys above as they were given.

    Text is Unicode, which (0008,0005) says where the answer holds more than ASCII. `retrieve_ae_title` is who gives
    what was found, in every answer; empty where nobody does.
    """

    def __init__(self, asked: Asked, *, implicit: bool, retrieve_ae_title: str = "") -> None:
        self._implicit = implicit
        self._wanted = tuple(key for key in _wanted(asked.keys) if key.tag not in asked.above)
        self._always = {
            QUERY_RETRIEVE_LEVEL: self._element(QUERY_RETRIEVE_LEVEL, "CS", asked.level.value.encode("ascii"))
        }
        if retrieve_ae_title:
            self._always[RETRIEVE_AE_TITLE] = self._element(RETRIEVE_AE_TITLE, "AE", retrieve_ae_title.encode("ascii"))
            self._wanted = tuple(key for key in self._wanted if key.tag != RETRIEVE_AE_TITLE)
        for tag, value in asked.above.items():
            self._always[tag] = self._element(tag, "LO" if tag == PATIENT_ID else "UI", value.encode("utf-8"))
        self._character_set = self._element(SPECIFIC_CHARACTER_SET, "CS", UNICODE)
        if asked.wants_character_set:
            self._always[SPECIFIC_CHARACTER_SET] = self._character_set

    def encode(self, known: JsonObject) -> bytes:
        """One answer of what is known: a data set in Implicit or Explicit VR Little Endian."""
        elements = {**self._always, **self._filled(self._wanted, known)}
        # What is not ASCII makes a byte of 0x80 or more; a false alarm, by a number, says no more than is true.
        if SPECIFIC_CHARACTER_SET not in elements and not all(map(bytes.isascii, elements.values())):
            elements[SPECIFIC_CHARACTER_SET] = self._character_set
        return b"".join(elements[tag] for tag in sorted(elements))

    def _filled(self, wanted: Iterable[_Wanted], known: JsonObject) -> dict[int, bytes]:
        made: dict[int, bytes] = {}
        for key in wanted:
            member = known.get(key.name) or {}
            if key.vr == "SQ":
                made[key.tag] = self._element(key.tag, "SQ", self._items(key, member))
            else:
                vr = member.get("vr", key.vr)
                made[key.tag] = self._element(key.tag, vr, _value(vr, member))
        return made

    def _items(self, key: _Wanted, member: JsonObject) -> bytes:
        """The items known, each cut to the keys of the key's item; whole where that has none (C.2.2.2.6)."""
        made = []
        for known in _listed(member):
            elements = self._filled(key.items or _all_of(known), known)
            item = b"".join(elements[tag] for tag in sorted(elements))
            made.append(_ITEM.pack(0xFFFE, 0xE000, len(item)) + item)
        return b"".join(made)

    def _element(self, tag: int, vr: str, value: bytes) -> bytes:
        if len(value) % 2:
            value += b"\0" if vr in _NUL_PADDED else b" "
        group, element = tag >> 16, tag & 0xFFFF
        if self._implicit:
            return struct.pack("<HHL", group, element, len(value)) + value
        code = vr.encode("ascii")
        head = "<HH2s2xL" if code in LONG_LENGTH_VRS else "<HH2sH"
        return struct.pack(head, group, element, code, len(value)) + value


def _wanted(keys: Dataset) -> Iterable[_Wanted]:
    for key in keys:
        items = tuple(_wanted(key.value[0])) if key.VR == "SQ" and key.value else ()
        yield _Wanted(int(key.tag), f"{int(key.tag):08X}", key.VR, items)


def _all_of(known: JsonObject) -> Iterable[_Wanted]:
    return [_Wanted(int(name, 16), name, member["vr"]) for name, member in known.items()]


def _value(vr: str, member: JsonObject) -> bytes:
    """The value as it is encoded, without padding; empty where it is unknown, too long, or left in the file."""
    if vr in _BINARY_VRS:
        return _inline(member)
    values = _listed(member)
    if not values:
        return b""
    encode = _ENCODERS.get(vr)
    try:
        encoded = encode(vr, values) if encode else b""
    except (TypeError, ValueError, struct.error):  # not as the JSON model has it
        return b""
    return encoded if len(encoded) <= LONGEST_VALUE_BYTES else b""


def _listed(member: JsonObject) -> Sequence[Any]:
    values = member.get("Value")
    return values if isinstance(values, list) else ()


def _inline(member: JsonObject) -> bytes:
    text = member.get("InlineBinary")
    if not isinstance(text, str) or len(text) > LONGEST_VALUE_BYTES:
        return b""
    try:
        return b64decode(text, validate=True)
    except NotBase64:
        return b""


def _texts(_vr: str, values: Sequence[Any]) -> bytes:
    return "\\".join("" if value is None else str(value) for value in values).encode("utf-8", "replace")


def _codes(_vr: str, values: Sequence[Any]) -> bytes:
    """Text of a VR that no character set applies to (PS3.5 6.2): what is not ASCII there is a fault."""
    return "\\".join("" if value is None else str(value) for value in values).encode("ascii", "replace")


def _names(_vr: str, values: Sequence[Any]) -> bytes:
    names = ("=".join((value or {}).get(group, "") for group in _NAME_GROUPS).rstrip("=") for value in values)
    return "\\".join(names).encode("utf-8", "replace")


def _decimals(vr: str, values: Sequence[Any]) -> bytes:
    return _codes(vr, [None if value is None else _decimal(str(value)) for value in values])


def _decimal(text: str) -> str:
    return text if len(text) <= _LONGEST_DS else format_number_as_ds(float(text))


def _numbers(vr: str, values: Sequence[Any]) -> bytes:
    letter = _NUMBERS[vr]
    convert: Callable[[Any], float] = float if letter in "fd" else int
    return struct.pack(f"<{len(values)}{letter}", *map(convert, values))


def _tags(_vr: str, values: Sequence[Any]) -> bytes:
    return b"".join(struct.pack("<HH", int(value[:4], 16), int(value[4:], 16)) for value in values)


_NUMBERS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
_ENCODERS: Mapping[str, Callable[[str, Sequence[Any]], bytes]] = {
    **dict.fromkeys(_TEXT_VRS, _texts),
    **dict.fromkeys(_CODE_VRS, _codes),
    **dict.fromkeys(_NUMBERS, _numbers),
    "AT": _tags,
    "DS": _decimals,
    "PN": _names,
}
