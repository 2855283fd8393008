"""Data sets written twice in one pass: as Explicit VR Little Endian (PS3.5 7.1) and as DICOM JSON (PS3.18 Annex F).

A report has some thousand elements in nested sequences. pydicom takes tens of milliseconds to write and to read
them again for the index; here both forms come from the same values in one, and tests hold them against pydicom.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from dicomweb.archive import JsonObject

_LONG_LENGTH: Final = frozenset({"SQ", "UC", "UT"})
_SHORT_LIMIT: Final = 0xFFFE
_NUMBERS: Final = {"DS": float, "IS": int}
_ITEM: Final = b"\xfe\xff\x00\xe0"


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Some elements of one data set, by ascending tag; `members` are those of their JSON object, never changed.

    `schemes` are the coding schemes of all codes in them, at any depth.
    """

    data: bytes = field(repr=False)
    members: JsonObject
    schemes: frozenset[str] = frozenset()


def empty(tag: int, vr: str) -> Encoded:
    """An element without a value, a sequence without items among them."""
    return Encoded(_written(tag, vr, b""), {f"{tag:08X}": {"vr": vr}})


def text(tag: int, vr: str, value: str) -> Encoded:
    """One value of a text VR; for an empty one see `empty`."""
    raw = value.encode()
    padded = raw + (b"\x00" if vr == "UI" else b" ") * (len(raw) % 2)
    return Encoded(_written(tag, vr, padded), {f"{tag:08X}": {"vr": vr, "Value": [_json(vr, value)]}})


def sequence(tag: int, *items: Encoded) -> Encoded:
    """A sequence of explicit length, its items too."""
    value = b"".join(_ITEM + len(item.data).to_bytes(4, "little") + item.data for item in items)
    members: JsonObject = {f"{tag:08X}": {"vr": "SQ", "Value": [item.members for item in items]}}
    return Encoded(_written(tag, "SQ", value), members, _schemes(items))


def joined(*parts: Encoded) -> Encoded:
    """One data set of parts that follow each other by tag."""
    members: JsonObject = {}
    for part in parts:
        members.update(part.members)
    return Encoded(b"".join(part.data for part in parts), members, _schemes(parts))


def _schemes(parts: tuple[Encoded, ...]) -> frozenset[str]:
    return frozenset().union(*(part.schemes for part in parts))


def _json(vr: str, value: str) -> Any:
    if vr == "PN":
        groups = zip(("Alphabetic", "Ideographic", "Phonetic"), value.split("="), strict=False)
        return {name: group for name, group in groups if group}
    number = _NUMBERS.get(vr)
    return value if number is None else number(value)


def _written(tag: int, vr: str, value: bytes) -> bytes:
    start = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + vr.encode()
    if vr in _LONG_LENGTH:
        return start + b"\x00\x00" + len(value).to_bytes(4, "little") + value
    if len(value) > _SHORT_LIMIT:
        raise ValueError(f"a value of {len(value)} bytes does not fit {vr}")
    return start + len(value).to_bytes(2, "little") + value
