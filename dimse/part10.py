"""The head of a DICOM file: preamble, prefix and file meta information, read and written (PS3.10 7.1).

The data set behind it is never looked at: it travels byte for byte.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from dimse.errors import UnreadableInstance
from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

PREAMBLE = bytes(128)
PREFIX = b"DICM"
META_GROUP = 0x0002
TRANSFER_SYNTAX = 0x0010

MAX_META_BYTES = 64 * 1024
"""Far above what the dozen short elements of group 0002 take; bounds what is read before the data set."""

LONG_LENGTH_VRS = frozenset({b"OB", b"UN", b"OW", b"UT", b"UC", b"UR", b"SQ", b"OD", b"OF", b"OL", b"OV", b"SV", b"UV"})
"""VRs with two reserved bytes and a 32-bit length (PS3.5 7.1.2)."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the data set begins, in bytes from the start of the file, and how it is encoded."""

    data_set_offset: int
    transfer_syntax_uid: str


def read_head(stream: BinaryIO) -> Head:
    """Read the head of a DICOM file from the start of `stream`; leaves the position undefined.

    Walks the elements of group 0002 rather than trusting its group length. Raises UnreadableInstance.
    """
    block = stream.read(len(PREAMBLE) + len(PREFIX) + MAX_META_BYTES)
    start = len(PREAMBLE) + len(PREFIX)
    if block[len(PREAMBLE) : start] != PREFIX:
        raise UnreadableInstance("no DICOM file: the prefix DICM is missing")
    try:
        return _walk(block, start)
    except struct.error as error:
        raise UnreadableInstance("the file ends, or goes on too long, within its meta information") from error


def _walk(block: bytes, position: int) -> Head:
    transfer_syntax_uid = ""
    while position < len(block):
        group, element = struct.unpack_from("<HH", block, position)
        if group != META_GROUP:
            break
        value_at, length = _value(block, position)
        if element == TRANSFER_SYNTAX:
            transfer_syntax_uid = _text(block[value_at : value_at + length])
        position = value_at + length
    if position > len(block):
        raise UnreadableInstance("the file ends, or goes on too long, within its meta information")
    if not transfer_syntax_uid:
        raise UnreadableInstance("the file does not name its transfer syntax")
    return Head(position, transfer_syntax_uid)


def _value(block: bytes, position: int) -> tuple[int, int]:
    """Return where the value of the element at `position` begins, and its length."""
    vr = block[position + 4 : position + 6]
    if vr in LONG_LENGTH_VRS:
        (length,) = struct.unpack_from("<L", block, position + 8)
        return position + 12, length
    (length,) = struct.unpack_from("<H", block, position + 6)
    return position + 8, length


def _text(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode("ascii", "replace")


def written_head(*, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, source_ae_title: str) -> bytes:
    """Return the head of a DICOM file, to be followed by the data set: zero preamble, prefix, meta information."""
    elements = b"".join(
        (
            _element(0x0001, b"OB", b"\0\1"),
            _element(0x0002, b"UI", sop_class_uid.encode("ascii")),
            _element(0x0003, b"UI", sop_instance_uid.encode("ascii")),
            _element(TRANSFER_SYNTAX, b"UI", transfer_syntax_uid.encode("ascii")),
            _element(0x0012, b"UI", IMPLEMENTATION_CLASS_UID.encode("ascii")),
            _element(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME.encode("ascii")),
            _element(0x0016, b"AE", source_ae_title.encode("ascii")),
        )
    )
    return PREAMBLE + PREFIX + _element(0x0000, b"UL", struct.pack("<L", len(elements))) + elements


def _element(element: int, vr: bytes, value: bytes) -> bytes:
    padding = b"\0" if vr in (b"UI", b"OB") else b" "
    value += padding * (len(value) % 2)
    length = struct.pack("<2xL" if vr in LONG_LENGTH_VRS else "<H", len(value))
    return struct.pack("<HH", META_GROUP, element) + vr + length + value
