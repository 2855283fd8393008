"""The header of a usual file in one pass from its bytes to DICOM JSON: Explicit VR Little Endian, nothing wrong in it.

`walker` reads every file, and `dicom_json` tells every data set; together they take most of the time it takes to store
one. This reads what nearly all files are, from their first block, in a tenth of it, and says the same to the letter.
Where anything is unusual (a header longer than a block, an unknown VR, a fault, elements out of order) it raises
`UnusualError`, and the file is read the general way, whose errors and limits are those that count.
"""

from dataclasses import dataclass, field
from struct import Struct, error

from dicomweb.archive import JsonObject, Span
from dicomweb.charsets import DEFAULT_ENCODINGS, python_encodings
from dicomweb.dicom_json import BULK_PREFIX
from dicomweb.element_headers import ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, SHORT_VRS, UNDEFINED_LENGTH
from dicomweb.value_json import VALUES_OF_VR, ToJson, UnusualError, inline_binary
from dicomweb.values import BINARY_VRS, BULK_VRS
from dicomweb.walker import PIXEL_DATA, BulkValue, Limits

_LIMITS = Limits()
_MOST_VALUES = 2000
"""Backslashes in a block: far below any limit, so that values need not be counted one by one."""
_CHARACTER_SET = "00080005"
_HEADER = Struct("<HH2sH")
_LONG = Struct("<I")
_ITEM_HEADER = Struct("<HHI")
_GROUPS_APART = frozenset({0x0000, 0x0002, 0xFFFE})


@dataclass(frozen=True, slots=True)
class _Vr:
    name: str
    is_short: bool
    values: ToJson | None
    may_be_bulk: bool


_VRS = {
    name.encode(): _Vr(name, name in SHORT_VRS, VALUES_OF_VR.get(name), name in BULK_VRS)
    for name in (*VALUES_OF_VR, *(BINARY_VRS - {"UN"}), "SQ")
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a data set stands: the path of its bulk values, its codecs to begin with, and how many sequences deep."""

    path: str
    encodings: tuple[str, ...]
    depth: int


@dataclass(slots=True)
class UsualDataSet:
    """What was read: members by ascending tag, the places of bulk values, and where the pixel data's value begins.

    `pixel_data` is its VR and length, where there is any; `ends_at` is then the offset of its value, else of the end.
    """

    header: JsonObject
    bulk: dict[str, BulkValue] = field(default_factory=dict)
    pixel_data: tuple[str, int] | None = None
    ends_at: int = 0
    elements: int = 0


def read_usual(block: bytes, offset: int, size: int) -> UsualDataSet:
    """The data set that begins at `offset` of a file of `size` bytes, of which `block` is the beginning.

    Raises:
        UnusualError: see the module.
    """
    if block.count(b"\\") > _MOST_VALUES:
        raise UnusualError
    reading = _Reading(block)
    found = UsualDataSet({}, reading.bulk)
    try:
        found.header, found.ends_at = reading.data_set(offset, size, _Place("", DEFAULT_ENCODINGS, 0), delimited=False)
    except error:  # the block is too short for what is read of it
        raise UnusualError from None
    found.pixel_data, found.elements = reading.pixel_data, reading.elements
    return found


class _Reading:
    """One pass over one block."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        self.bulk: dict[str, BulkValue] = {}
        self.pixel_data: tuple[str, int] | None = None
        self.elements = 0

    def data_set(self, offset: int, end: int, place: _Place, *, delimited: bool) -> tuple[JsonObject, int]:
        """The members of the data set at `offset`, and where it ends."""
        members, last, encodings = JsonObject(), -1, place.encodings
        while offset < end:
            group, element, raw_vr, length = _HEADER.unpack_from(self._block, offset)
            tag = group << 16 | element
            if group in _GROUPS_APART:
                return self._ended(members, tag, offset, delimited)
            vr = _VRS.get(raw_vr)
            if vr is None or tag <= last:
                raise UnusualError
            last, key = tag, f"{tag:08X}"
            length, offset = self._length(vr, length, offset + 8)
            if tag == PIXEL_DATA and not place.depth:
                self._see_pixel_data(members, vr, length)
                return members, offset
            if vr.name == "SQ":
                value, offset = self._sequence(
                    offset, length, end, _Place(f"{place.path}{key}/", encodings, place.depth + 1)
                )
            else:
                value, encodings = self._value(vr, place.path, key, Span(offset, length), encodings)
                offset += length
            if element:  # group lengths tell nothing
                members[key] = value
        if delimited or offset > end:
            raise UnusualError
        return members, offset

    def _length(self, vr: _Vr, length: int, offset: int) -> tuple[int, int]:
        """The length of the value of an element whose first eight bytes end at `offset`, and where it begins."""
        self.elements += 1
        if vr.is_short:
            return length, offset
        (length,) = _LONG.unpack_from(self._block, offset)
        return length, offset + 4

    def _ended(self, members: JsonObject, tag: int, offset: int, delimited: bool) -> tuple[JsonObject, int]:
        if tag != ITEM_DELIMITER or not delimited:
            raise UnusualError
        return members, offset + 8

    def _see_pixel_data(self, members: JsonObject, vr: _Vr, length: int) -> None:
        if vr.name not in ("OB", "OW"):
            raise UnusualError
        members[f"{PIXEL_DATA:08X}"] = {"vr": vr.name, "BulkDataURI": f"{BULK_PREFIX}{PIXEL_DATA:08X}"}
        self.pixel_data = vr.name, length

    def _value(
        self, vr: _Vr, path: str, key: str, span: Span, encodings: tuple[str, ...]
    ) -> tuple[JsonObject, tuple[str, ...]]:
        """The member of an element that is no sequence, and the codecs from there on."""
        end = span.offset + span.length
        if end > len(self._block):  # an undefined length, too
            raise UnusualError
        raw = self._block[span.offset : end]
        if key == _CHARACTER_SET:
            return {"vr": "CS", "Value": ["ISO_IR 192"]}, _encodings(vr, raw)
        if vr.may_be_bulk and (span.length > _LIMITS.inline_bytes or key == f"{PIXEL_DATA:08X}"):
            self.bulk[path + key] = BulkValue(vr.name, (span,))
            return {"vr": vr.name, "BulkDataURI": f"{BULK_PREFIX}{path}{key}"}, encodings
        if not raw:
            return {"vr": vr.name}, encodings
        if vr.values is None:
            return {"vr": vr.name, "InlineBinary": inline_binary(raw)}, encodings
        values = vr.values(raw, encodings)
        return ({"vr": vr.name, "Value": values} if values else {"vr": vr.name}), encodings

    def _sequence(self, offset: int, length: int, end: int, place: _Place) -> tuple[JsonObject, int]:
        """The member of a sequence whose value is at `offset`, and where that ends."""
        if place.depth > _LIMITS.depth:
            raise UnusualError
        delimited = length == UNDEFINED_LENGTH
        if not delimited:
            if offset + length > end:
                raise UnusualError
            end = offset + length
        items: list[JsonObject] = []
        while delimited or offset < end:
            group, element, item_length = _ITEM_HEADER.unpack_from(self._block, offset)
            offset += 8
            tag = group << 16 | element
            if tag == SEQUENCE_DELIMITER and delimited:
                break
            if tag != ITEM:
                raise UnusualError
            offset = self._item(items, offset, end, item_length, place)
        if offset > end:
            raise UnusualError
        return ({"vr": "SQ", "Value": items} if items else {"vr": "SQ"}), offset

    def _item(self, items: list[JsonObject], offset: int, end: int, length: int, place: _Place) -> int:
        """Read one item to the end of `items`; returns where it ends."""
        is_open = length == UNDEFINED_LENGTH
        inside = _Place(f"{place.path}{len(items) + 1}/", place.encodings, place.depth)
        item, ends_at = self.data_set(offset, end if is_open else offset + length, inside, delimited=is_open)
        if ends_at > end:
            raise UnusualError
        items.append(item)
        return ends_at


def _encodings(vr: _Vr, raw: bytes) -> tuple[str, ...]:
    if vr.name != "CS":
        raise UnusualError
    return python_encodings(raw.decode("latin-1"))
