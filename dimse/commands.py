"""Command sets as bytes: Implicit VR Little Endian, elements in ascending order, their length first (PS3.7 6.3.1)."""

import struct
from collections.abc import Mapping

AFFECTED_SOP_CLASS_UID = 0x0002
COMMAND_FIELD = 0x0100
MESSAGE_ID = 0x0110
MESSAGE_ID_BEING_RESPONDED_TO = 0x0120
PRIORITY = 0x0700
DATA_SET_TYPE = 0x0800
STATUS = 0x0900
OFFENDING_ELEMENT = 0x0901
ERROR_COMMENT = 0x0902
AFFECTED_SOP_INSTANCE_UID = 0x1000
REMAINING, COMPLETED, FAILED, WARNING = 0x1020, 0x1021, 0x1022, 0x1023
"""Numbers of sub-operations."""

DATA_SET_PRESENT, NO_DATA_SET = 0x0001, 0x0101

Value = int | str
"""A number is US; text is a UID where its element is one, else LO of plain ASCII."""

_UIDS = frozenset({AFFECTED_SOP_CLASS_UID, AFFECTED_SOP_INSTANCE_UID})


def command_set(values: Mapping[int, Value]) -> bytes:
    """The command set of these elements of group 0000; OFFENDING_ELEMENT's number is a tag."""
    elements = b"".join(_element(element, values[element]) for element in sorted(values))
    return struct.pack("<HHLL", 0x0000, 0x0000, 4, len(elements)) + elements


def _element(element: int, value: Value) -> bytes:
    encoded = _encoded(element, value)
    return struct.pack("<HHL", 0x0000, element, len(encoded)) + encoded


def _encoded(element: int, value: Value) -> bytes:
    if isinstance(value, str):
        text = value.encode("ascii", "replace")
        return text + (b"\0" if element in _UIDS else b" ") * (len(text) % 2)
    if element == OFFENDING_ELEMENT:
        return struct.pack("<HH", value >> 16, value & 0xFFFF)
    return struct.pack("<H", value)
