"""A data set written again as Explicit VR Little Endian (PS3.5 7.1.2), value by value as it was.

No value is decoded: pydicom's writer would check each and report bad ones, with the value in the text, as Python
warnings. Nesting is bounded by whoever read the file before (`part10.read_part10`).
"""

from collections.abc import Mapping
from struct import Struct

from dicomweb.element_headers import (
    ITEM,
    ITEM_DELIMITER,
    SEQUENCE_DELIMITER,
    SHORT_VRS,
    UNDEFINED_LENGTH,
    read_header,
    read_item_header,
)
from dicomweb.fragments import read_fragments
from dicomweb.implicit_vrs import implicit_vr
from dicomweb.windows import Window

_SHORT = Struct("<HH2sH")
_LONG = Struct("<HH2s2xI")
_ITEM = Struct("<HHI")
_PIXEL_REPRESENTATION = 0x00280103
_SPACE_PADDED = frozenset(
    {
        *("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT"),
        *("PN", "SH", "ST", "TM", "UC", "UR", "UT"),
    }
)

Elements = Mapping[int, bytes]
"""Tag -> the whole encoded element."""


def encode_element(tag: int, vr: str, value: bytes) -> bytes:
    """One element of defined length; an odd value is padded, one too long for its VR becomes UN (PS3.5 6.2.2)."""
    if len(value) % 2:
        value += padding(vr)
    return element_head(tag, vr, len(value)) + value


def padding(vr: str) -> bytes:
    """What makes an odd value even (PS3.5 6.2)."""
    return b" " if vr in _SPACE_PADDED else b"\0"


def element_head(tag: int, vr: str, length: int) -> bytes:
    """What stands before a value of `length` bytes; one too long for its VR becomes UN (PS3.5 6.2.2)."""
    if vr in SHORT_VRS and length <= 0xFFFF:
        return _SHORT.pack(tag >> 16, tag & 0xFFFF, vr.encode(), length)
    return _long_head(tag, "UN" if vr in SHORT_VRS else vr, length)


def join_elements(elements: Elements) -> bytes:
    """The data set of these elements, in the order of their tags."""
    return b"".join(elements[tag] for tag in sorted(elements))


def explicit_elements(window: Window, offset: int, end: int, *, implicit: bool) -> dict[int, bytes]:
    """Every element from `offset` to `end`, or to the delimiter of the item they are in, written explicitly.

    Encapsulated pixel data is left out: it is no part of an uncompressed data set.

    Raises:
        MalformedError: as `walker.Walker.walk` does, which has accepted these bytes before.
    """
    return _elements(window, offset, end, implicit=implicit, signed=False)[0]


def _elements(window: Window, offset: int, end: int, *, implicit: bool, signed: bool) -> tuple[dict[int, bytes], int]:
    """The elements of one data set, and the offset behind it."""
    elements: dict[int, bytes] = {}
    while end - offset >= 8:
        tag, vr, length, offset = read_header(window, offset, end, implicit=implicit, signed=signed)
        if tag == ITEM_DELIMITER:
            break
        is_unknown = vr == "UN"
        if is_unknown:  # such values are always encoded implicitly (PS3.5 6.2.2)
            vr = implicit_vr(tag, signed=signed)
        if length == UNDEFINED_LENGTH and vr in ("OB", "OW"):
            _, offset = read_fragments(window, tag, offset, end, window.size)
        elif vr == "SQ" or length == UNDEFINED_LENGTH:
            last = end if length == UNDEFINED_LENGTH else offset + length
            elements[tag], offset = _sequence(window, tag, offset, last, implicit=implicit or is_unknown, signed=signed)
        else:
            value = window.take(offset, length)
            offset += length
            elements[tag] = encode_element(tag, vr, value)
            signed = value[:1] == b"\1" if tag == _PIXEL_REPRESENTATION else signed
    return elements, offset


def _sequence(window: Window, tag: int, offset: int, end: int, *, implicit: bool, signed: bool) -> tuple[bytes, int]:
    """A sequence with items of defined length, and the offset behind it."""
    items = bytearray()
    while offset < end:
        item, length = read_item_header(window, offset, end)
        offset += 8
        if item == SEQUENCE_DELIMITER:
            break
        last = end if length == UNDEFINED_LENGTH else offset + length
        elements, offset = _elements(window, offset, last, implicit=implicit, signed=signed)
        content = join_elements(elements)
        items += _ITEM.pack(ITEM >> 16, ITEM & 0xFFFF, len(content)) + content
    return _long_head(tag, "SQ", len(items)) + items, offset


def _long_head(tag: int, vr: str, length: int) -> bytes:
    return _LONG.pack(tag >> 16, tag & 0xFFFF, vr.encode(), length)
