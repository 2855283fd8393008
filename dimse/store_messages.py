"""The command sets of C-STORE: the request written, the response read (PS3.7 9.3.1, tables 9.3-1 and 9.3-2). No I/O.

Command sets are always in Implicit VR Little Endian, their elements in ascending order (PS3.7 6.3.1).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from dimse.errors import DimseError
from dimse.outgoing import MoveOriginator

STORE_REQUEST = 0x0001
STORE_RESPONSE = 0x8001
CANCEL_REQUEST = 0x0FFF
NO_DATA_SET = 0x0101
WITH_DATA_SET = 0x0001
MEDIUM_PRIORITY = 0x0000

LONGEST_COMMENT = 64
MOST_OFFENDING_ELEMENTS = 16
"""Told of a response; it may list more."""

_GROUP_LENGTH, _CLASS, _FIELD, _MESSAGE_ID = 0x0000, 0x0002, 0x0100, 0x0110
_RESPONDED_TO, _PRIORITY, _DATA_SET_TYPE, _STATUS = 0x0120, 0x0700, 0x0800, 0x0900
_OFFENDING, _COMMENT, _INSTANCE = 0x0901, 0x0902, 0x1000
_ORIGINATOR, _ORIGINATOR_MESSAGE = 0x1030, 0x1031


class MalformedCommand(DimseError):
    """A command set that cannot be read."""


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """The response: its status, and what the peer added to it (see `SendResult`)."""

    status: int
    comment: str
    offending_elements: tuple[str, ...]


def store_request(
    sop_class_uid: str, sop_instance_uid: str, message_id: int, originator: MoveOriginator | None = None
) -> bytes:
    """Return the command set of a C-STORE request with a data set, of medium priority."""
    elements = [
        _element(_CLASS, _uid(sop_class_uid)),
        _element(_FIELD, _number(STORE_REQUEST)),
        _element(_MESSAGE_ID, _number(message_id)),
        _element(_PRIORITY, _number(MEDIUM_PRIORITY)),
        _element(_DATA_SET_TYPE, _number(WITH_DATA_SET)),
        _element(_INSTANCE, _uid(sop_instance_uid)),
    ]
    if originator is not None:
        elements += [
            _element(_ORIGINATOR, _padded(originator.ae_title.encode("ascii"), b" ")),
            _element(_ORIGINATOR_MESSAGE, _number(originator.message_id)),
        ]
    body = b"".join(elements)
    return _element(_GROUP_LENGTH, struct.pack("<L", len(body))) + body


def command_elements(command: bytes) -> Mapping[int, bytes]:
    """Return the values of group 0000 by their element number. Raises MalformedCommand."""
    elements: dict[int, bytes] = {}
    position = 0
    while position < len(command):
        if position + 8 > len(command):
            raise MalformedCommand("the command ends within an element")
        group, element, length = struct.unpack_from("<HHL", command, position)
        position += 8
        if group != 0 or position + length > len(command):
            raise MalformedCommand("the command holds something else than command elements")
        elements[element] = command[position : position + length]
        position += length
    return elements


def command_field(elements: Mapping[int, bytes]) -> int | None:
    """Return which command this is (PS3.7 table E.1-1), None where it does not say."""
    return _read_number(elements.get(_FIELD))


def read_number(elements: Mapping[int, bytes], element: int) -> int | None:
    """Return the number (US) of an element, None where there is none."""
    return _read_number(elements.get(element))


def store_answer(elements: Mapping[int, bytes], message_id: int) -> StoreAnswer:
    """Return the response to our request `message_id`. Raises MalformedCommand where it is not that.

    One that leaves out whether a data set follows, as it must not, is read as if it had said that none does.
    """
    has_data_set = _DATA_SET_TYPE in elements and _read_number(elements[_DATA_SET_TYPE]) != NO_DATA_SET
    if command_field(elements) != STORE_RESPONSE or has_data_set:
        raise MalformedCommand("the peer answered with something else than a C-STORE response")
    if _read_number(elements.get(_RESPONDED_TO)) != message_id:
        raise MalformedCommand("the peer answered to another message")
    status = _read_number(elements.get(_STATUS))
    if status is None:
        raise MalformedCommand("the peer answered without a status")
    return StoreAnswer(status, _comment(elements.get(_COMMENT, b"")), _tags(elements.get(_OFFENDING, b"")))


def _element(element: int, value: bytes) -> bytes:
    return struct.pack("<HHL", 0, element, len(value)) + value


def _number(value: int) -> bytes:
    return struct.pack("<H", value)


def _uid(uid: str) -> bytes:
    return _padded(uid.encode("ascii"), b"\0")


def _padded(value: bytes, padding: bytes) -> bytes:
    return value + padding * (len(value) % 2)


def _read_number(value: bytes | None) -> int | None:
    return int.from_bytes(value, "little") if value is not None and len(value) == struct.calcsize("<H") else None


def _comment(value: bytes) -> str:
    text = value.decode("utf-8", "replace").strip("\0 ")
    return "".join(character for character in text if character.isprintable())[:LONGEST_COMMENT]


def _tags(value: bytes) -> tuple[str, ...]:
    whole = value[: len(value) // 4 * 4][: 4 * MOST_OFFENDING_ELEMENTS]
    return tuple(f"{group:04X}{element:04X}" for group, element in struct.iter_unpack("<HH", whole))
