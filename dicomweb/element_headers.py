"""Headers of data elements and items: tag, value representation, length (PS3.5 7.1)."""

from struct import Struct

from dicomweb.implicit_vrs import implicit_vr
from dicomweb.part10_errors import MalformedError, TruncatedError
from dicomweb.windows import Window

UNDEFINED_LENGTH = 0xFFFFFFFF
ITEM = 0xFFFEE000
ITEM_DELIMITER = 0xFFFEE00D
SEQUENCE_DELIMITER = 0xFFFEE0DD
HEADER_BYTES = 8
"""What every header has at least; explicit ones with a 32-bit length have 12."""

_EXPLICIT = Struct("<HH2sH")
_IMPLICIT = Struct("<HHI")
_LENGTH = Struct("<I")
_DELIMITER_GROUP = b"\xfe\xff"
SHORT_VRS = frozenset(
    {
        *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO"),
        *("LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"),
    }
)
"""VRs with a 16-bit length; every other, those yet unknown too, has a 32-bit one (PS3.5 7.1.2)."""
_SHORT_VRS_AS_READ = {vr.encode(): vr for vr in SHORT_VRS}


def tag_text(tag: int) -> str:
    """A tag as people write it: `(0010,0020)`."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def read_header(window: Window, offset: int, end: int, *, implicit: bool, signed: bool) -> tuple[int, str, int, int]:
    """Tag, VR, length and offset of the value of the element at `offset`; `end` is where its container ends.

    Raises:
        TruncatedError: the header reaches past `end`.
        MalformedError: no VR where one must stand.
    """
    raw = _take_header(window, offset, end)
    if implicit or raw[:2] == _DELIMITER_GROUP:
        group, element, length = _IMPLICIT.unpack(raw)
        tag = group << 16 | element
        return tag, implicit_vr(tag, signed=signed), length, offset + 8
    return _explicit(window, raw, offset, end)


def read_explicit_header(window: Window, offset: int, end: int) -> tuple[int, str, int, int]:
    """As `read_header`, for an element with explicit VR."""
    return _explicit(window, _take_header(window, offset, end), offset, end)


def _take_header(window: Window, offset: int, end: int) -> bytes:
    if end - offset < HEADER_BYTES:
        raise TruncatedError(f"{end - offset} bytes left at byte {offset}, 8 are needed")
    return window.take(offset, HEADER_BYTES)


def _explicit(window: Window, raw: bytes, offset: int, end: int) -> tuple[int, str, int, int]:
    group, element, raw_vr, length = _EXPLICIT.unpack(raw)
    tag = group << 16 | element
    vr = _SHORT_VRS_AS_READ.get(raw_vr)
    if vr is not None:
        return tag, vr, length, offset + 8
    if not (raw_vr.isalpha() and raw_vr.isupper()):
        raise MalformedError(f"no value representation after {tag_text(tag)}, byte {offset}")
    if end - offset < 12:
        raise TruncatedError(f"{end - offset} bytes left at byte {offset}, this element needs 12")
    (length,) = _LENGTH.unpack(window.take(offset + 8, 4))
    return tag, raw_vr.decode("ascii"), length, offset + 12


def read_item_header(window: Window, offset: int, end: int) -> tuple[int, int]:
    """Tag and length of an item or delimiter, or of an element without VR."""
    group, element, length = _IMPLICIT.unpack(_take_header(window, offset, end))
    return group << 16 | element, length
