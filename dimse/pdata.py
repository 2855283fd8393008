"""P-DATA as bytes: a message cut into PDUs, and the pieces of one that comes (PS3.8 9.3.5, annex E). No I/O.

A PDU is six bytes of header and presentation data values, each with a length, the presentation context's identifier
and a control byte of its own. What is sent has one value in each PDU.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

P_DATA = 0x04
PDU_HEADER = struct.Struct(">BxL")
_HEADER = struct.Struct(">BxLLBB")
_VALUE_HEADER = struct.Struct(">LBB")
_IN_VALUE = 2
"""Bytes that the length of a value counts besides its data: context identifier and control byte."""
_IN_PDU = _VALUE_HEADER.size
"""Bytes that the length of a PDU counts besides the data of its one value."""

IS_COMMAND, IS_LAST = 0x01, 0x02
"""Bits of the control byte (PS3.8 E.2)."""

LONGEST_FRAGMENT_BYTES = 128 * 1024
"""To a peer that takes PDUs of any length."""
BLOCK_BYTES = 1024 * 1024
"""How much of a data set is handed to the network at once, and held in memory."""
_MOST_PDUS_AT_ONCE = 500
"""Two buffers each; the kernel takes 1024 in one call (IOV_MAX)."""

Buffer = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Fragment:
    """One presentation data value that came: its context, and which part of a message it is."""

    context_id: int
    is_command: bool
    is_last: bool
    data: bytes


class MalformedPdata(ValueError):
    """A P-DATA PDU whose lengths do not fit together."""


def fragment_bytes(longest_pdu: int) -> int:
    """How much data one PDU takes to a peer that announced `longest_pdu` (0: without a limit); an even number."""
    if longest_pdu == 0:
        return LONGEST_FRAGMENT_BYTES
    return min(longest_pdu - _IN_PDU, LONGEST_FRAGMENT_BYTES) & ~1


def block_bytes(fragment: int) -> int:
    """How much of a data set goes out in one call: whole fragments of `fragment` bytes, at least one."""
    return fragment * max(1, min(BLOCK_BYTES // fragment, _MOST_PDUS_AT_ONCE))


def command_pdus(context_id: int, command: bytes, fragment: int) -> list[Buffer]:
    """The PDUs of a whole command set."""
    return list(_framed(context_id, memoryview(command), fragment, IS_COMMAND, ends=True))


def data_pdus(context_id: int, blocks: Iterable[Buffer], length: int, fragment: int) -> Iterator[list[Buffer]]:
    """The PDUs of a data set of `length` bytes that comes in blocks of `block_bytes(fragment)`, one list for each."""
    left = length
    for block in blocks:
        left -= len(block)
        yield list(_framed(context_id, memoryview(block), fragment, 0, ends=left == 0))


def _framed(context_id: int, data: memoryview, fragment: int, control: int, *, ends: bool) -> Iterator[Buffer]:
    usual = _header(context_id, fragment, control)
    for start in range(0, len(data), fragment):
        piece = data[start : start + fragment]
        if start + fragment < len(data):
            yield usual
        else:
            yield _header(context_id, len(piece), control | (IS_LAST if ends else 0))
        yield piece


def _header(context_id: int, length: int, control: int) -> bytes:
    return _HEADER.pack(P_DATA, length + _IN_PDU, length + _IN_VALUE, context_id, control)


def fragments(body: bytes) -> Iterator[Fragment]:
    """What is in a P-DATA PDU, given without its header: a value at least (PS3.8 9.3.5). Raises MalformedPdata."""
    if not body:
        raise MalformedPdata("a PDU without a value")
    position = 0
    while position < len(body):
        if position + _VALUE_HEADER.size > len(body):
            raise MalformedPdata("a PDU ends within the header of a value")
        length, context_id, control = _VALUE_HEADER.unpack_from(body, position)
        start, position = position + _VALUE_HEADER.size, position + _VALUE_HEADER.size - _IN_VALUE + length
        if not start <= position <= len(body):
            raise MalformedPdata("a value does not fit into its PDU")
        yield Fragment(context_id, bool(control & IS_COMMAND), bool(control & IS_LAST), body[start:position])
