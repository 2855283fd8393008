"""Answers to a query: what is known, as DICOM JSON, cut to what was asked for, as a data set (PS3.4 C.4.1.1.3.2).

Every return key comes back, empty where nothing is known of it. No I/O.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import BaseTag
from pydicom.valuerep import PersonName, format_number_as_ds

from dimse.query_models import QUERY_RETRIEVE_LEVEL, SPECIFIC_CHARACTER_SET, Asked
from dimse.querying import JsonObject

UNICODE = "ISO_IR 192"
LONGEST_VALUE_BYTES = 16 * 1024
"""Of one attribute; what is longer comes back empty. Below what two bytes of length can say (PS3.5 7.1.2)."""

_LONGEST_DS = 16
_BYTES_PER_CHARACTER = 4
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


def answer(asked: Asked, known: JsonObject) -> Dataset:
    """One answer: the keys asked for, the level, and the unique keys of the levels above as they were given.

    Text is Unicode, which (0008,0005) says where the answer holds more than ASCII.
    """
    made = Dataset()
    beyond_ascii = _fill(made, asked.keys, known)
    for tag, value in asked.above.items():
        made[BaseTag(tag)] = _element(tag, "LO" if tag >> 16 == 0x0010 else "UI", value)
    made[BaseTag(QUERY_RETRIEVE_LEVEL)] = _element(QUERY_RETRIEVE_LEVEL, "CS", asked.level.value)
    if beyond_ascii or asked.wants_character_set or not all(value.isascii() for value in asked.above.values()):
        made[BaseTag(SPECIFIC_CHARACTER_SET)] = _element(SPECIFIC_CHARACTER_SET, "CS", UNICODE)
    return made


def _fill(made: Dataset, keys: Dataset, known: JsonObject) -> bool:
    """Add every key to `made`, with what is known of it; return whether that is more than ASCII."""
    beyond_ascii = False
    for key in keys:
        member = known.get(f"{int(key.tag):08X}", {})
        if key.VR == "SQ":
            items, beyond = _items(key.value or (), member)
            made[key.tag] = DataElement(key.tag, "SQ", items)
        else:
            vr, values, beyond = _values(key.VR, member)
            made[key.tag] = _element(key.tag, vr, values)
        beyond_ascii = beyond_ascii or beyond
    return beyond_ascii


def _items(key_items: Sequence[Dataset], member: JsonObject) -> tuple[Items, bool]:
    """The items known, each cut to the keys of the key's item; whole where that has none (C.2.2.2.6)."""
    wanted = key_items[0] if key_items else Dataset()
    made: list[Dataset] = []
    beyond_ascii = False
    for known in _listed(member):
        item = Dataset()
        beyond = _fill(item, wanted if len(wanted) else _all_of(known), known)
        beyond_ascii = beyond_ascii or beyond
        made.append(item)
    return Items(made), beyond_ascii


def _all_of(known: JsonObject) -> Dataset:
    keys = Dataset()
    for tag, member in known.items():
        vr = member.get("vr", "UN")
        keys[BaseTag(int(tag, 16))] = _element(int(tag, 16), vr, Items() if vr == "SQ" else None)
    return keys


def _values(vr: str, member: JsonObject) -> tuple[str, Any, bool]:
    """The VR, the value of a data element as pydicom writes it, and whether it is more than ASCII."""
    vr = member.get("vr", vr)
    if vr in _BINARY_VRS:
        return vr, _bytes(member), False
    convert = _CONVERTERS.get(vr, str)
    try:
        values = [convert("" if value is None else value) for value in _listed(member)]
    except (TypeError, ValueError):  # not as the JSON model has it
        return vr, None, False
    size, is_ascii = _extent(values)
    if not values or size > LONGEST_VALUE_BYTES:
        return vr, None, False
    return vr, values[0] if len(values) == 1 else values, not is_ascii


def _extent(values: Sequence[Any]) -> tuple[int, bool]:
    """How many bytes the values take at most, and whether all of them are ASCII."""
    texts = [str(value) for value in values]
    is_ascii = all(text.isascii() for text in texts)
    characters = sum(map(len, texts)) + len(texts)
    return characters * (1 if is_ascii else _BYTES_PER_CHARACTER), is_ascii


def _listed(member: JsonObject) -> Sequence[Any]:
    values = member.get("Value")
    return values if isinstance(values, list) else ()


def _bytes(member: JsonObject) -> bytes | None:
    text = member.get("InlineBinary")
    if not isinstance(text, str) or len(text) > LONGEST_VALUE_BYTES:
        return None
    try:
        return b64decode(text, validate=True)
    except NotBase64:
        return None


def _element(tag: int, vr: str, value: Any) -> DataElement:
    return DataElement(BaseTag(tag), vr, value, already_converted=True, validation_mode=config.IGNORE)


def _name(value: Mapping[str, str] | str) -> PersonName:
    groups = {} if isinstance(value, str) else value
    text = "=".join(groups.get(group, "") for group in _NAME_GROUPS).rstrip("=")
    return PersonName(text, validation_mode=config.IGNORE)


def _code(value: object) -> str:
    """Text of a VR that no character set applies to (PS3.5 6.2): what is not ASCII there is a fault."""
    return str(value).encode("ascii", "replace").decode("ascii")


def _decimal(value: object) -> str:
    text = _code(value)
    return text if len(text) <= _LONGEST_DS else format_number_as_ds(float(text))


def _tag(value: str) -> BaseTag:
    return BaseTag(int(value, 16))


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("AE", "AS", "CS", "DA", "DT", "IS", "TM", "UI"), _code),
    **dict.fromkeys(("SL", "SS", "SV", "UL", "US", "UV"), int),
    **dict.fromkeys(("FD", "FL"), float),
    "AT": _tag,
    "DS": _decimal,
    "PN": _name,
}
