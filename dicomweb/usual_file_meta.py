"""File meta information (PS3.10 7.1) as nearly all files have it, read without a data set; see `usual_data_set`."""

from struct import Struct, error
from typing import Final

from dicomweb.file_meta import FIRST_ELEMENT, PREFIX_OFFSET
from dicomweb.value_json import UnusualError

SHORTEST_ELEMENT: Final = 8
"""Bytes that the data set has at least: so many behind the group tell that it is over."""

_HEADER: Final = Struct("<HH2sH")
_LONG: Final = Struct("<I")
_UIDS: Final = (0x0002, 0x0003, 0x0010)
"""Elements of group 0002: SOP Class, SOP Instance, Transfer Syntax."""
_TEXTS: Final = frozenset({b"UI", b"SH", b"AE"})


def usual_file_meta(block: bytes | bytearray) -> tuple[dict[int, str], int]:
    """The UIDs of group 0002 by element, and where the data set begins.

    Args:
        block: the beginning of the file; the group has to lie in it whole, and something behind it.

    Raises:
        UnusualError: it does not, or is to be read by `file_meta`.
    """
    try:
        return _read(block)
    except error:
        raise UnusualError from None


def _read(block: bytes | bytearray) -> tuple[dict[int, str], int]:
    if block[PREFIX_OFFSET:FIRST_ELEMENT] != b"DICM":
        raise UnusualError
    uids: dict[int, str] = {}
    offset, last = FIRST_ELEMENT, -1
    while block.startswith(b"\x02\x00", offset):
        _group, element, vr, length = _HEADER.unpack_from(block, offset)
        offset += 8
        if vr == b"OB":
            (length,) = _LONG.unpack_from(block, offset)
            offset += 4
        elif vr not in _TEXTS and not (vr == b"UL" and length % 4 == 0):
            raise UnusualError
        value = block[offset : offset + length]
        offset += length
        if element <= last or offset + SHORTEST_ELEMENT > len(block) or (vr != b"OB" and b"\\" in value):
            raise UnusualError
        last = element
        if element in _UIDS and vr == b"UI":
            uids[element] = value.decode("latin-1").strip(" \0")
    return uids, offset
