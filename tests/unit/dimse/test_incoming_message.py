"""Messages as they come off a connection: whole ones are read, all else is refused or left to the library."""

import struct
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dimse.addresses import Timeouts
from dimse.incoming_message import IncomingMessage, NoStore, ObjectTooLong
from dimse.pdata import IS_COMMAND, IS_LAST, MalformedPdata
from dimse.store_messages import MalformedCommand, command_elements, store_request
from dimse.transport import HIGHEST_PDU_BYTES, PduTooLong

COMMAND = store_request("1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.3", 7)


class Line:
    """A connection from which these bytes come, and no more; what was handed back comes first."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def recv(self, count: int) -> bytearray:
        if count > HIGHEST_PDU_BYTES:
            raise PduTooLong("too long")
        taken, self.data = self.data[:count], self.data[count:]
        return bytearray(taken)

    def hand_back(self, data: bytes) -> None:
        self.data = data + self.data


def value(data: bytes, control: int, context: int = 1) -> bytes:
    return struct.pack(">LBB", len(data) + 2, context, control) + data


def pdu(*values: bytes) -> bytes:
    body = b"".join(values)
    return struct.pack(">BxL", 4, len(body)) + body


def read(line: Line, most: int = 1000) -> tuple[bytes, bytes]:
    incoming = IncomingMessage(line, Timeouts())  # type: ignore[arg-type]  # what it needs of a connection
    _, command = incoming.command()
    return command, b"".join(incoming.data(most))


def cut(data: bytes, size: int) -> Iterator[tuple[bytes, bool]]:
    for start in range(0, len(data), size):
        yield data[start : start + size], start + size >= len(data)


@given(st.integers(1, 200), st.integers(1, 400), st.binary(min_size=1, max_size=900), st.booleans())
def test_a_message_is_read_however_it_is_cut(first: int, second: int, data: bytes, together: bool) -> None:
    values = [value(piece, IS_COMMAND | (IS_LAST if last else 0)) for piece, last in cut(COMMAND, first)]
    values += [value(piece, IS_LAST if last else 0) for piece, last in cut(data, second)]
    line = Line(pdu(*values) if together else b"".join(map(pdu, values)))
    assert read(line) == (COMMAND, data)
    assert line.data == b""


@given(st.binary(max_size=600))
def test_any_bytes_end_in_one_of_the_ways_that_are_expected(data: bytes) -> None:
    for text in (data, pdu(data), pdu(value(data, 3), value(data, 2))):
        with suppress(NoStore, MalformedPdata, ObjectTooLong, OSError):
            read(Line(text))


@given(st.binary(max_size=200))
def test_any_command_can_be_looked_at(data: bytes) -> None:
    with suppress(MalformedCommand):
        command_elements(data)


def test_what_is_no_data_is_left_to_the_library() -> None:
    release = b"\x05\0\0\0\0\x04\0\0\0\0"
    line = Line(release)
    with pytest.raises(NoStore):
        read(line)
    assert line.data == release


def test_a_message_that_is_not_wanted_is_given_back_whole() -> None:
    sent = pdu(value(COMMAND[:20], IS_COMMAND)) + pdu(value(COMMAND[20:], IS_COMMAND | IS_LAST)) + b"rest"
    line = Line(sent)
    incoming = IncomingMessage(line, Timeouts())  # type: ignore[arg-type]  # as above
    assert incoming.command() == (1, COMMAND)
    incoming.hand_back()
    assert line.data == sent


@pytest.mark.parametrize(
    "behind",
    [
        pdu(value(b"x", 0, context=3)),
        pdu(value(b"x", IS_COMMAND)),
        pdu(value(b"x", IS_LAST), value(b"y", IS_LAST)),
    ],
    ids=["of another context", "a command", "a second message in the PDU"],
)
def test_what_does_not_belong_into_a_data_set_is_a_fault(behind: bytes) -> None:
    with pytest.raises(MalformedPdata):
        read(Line(pdu(value(COMMAND, IS_COMMAND | IS_LAST)) + behind))


def test_more_than_is_taken_is_not_read_to_its_end() -> None:
    line = Line(pdu(value(COMMAND, IS_COMMAND | IS_LAST)) + pdu(value(bytes(600), 0)) * 5)
    with pytest.raises(ObjectTooLong):
        read(line)
    assert len(line.data) == 3 * len(pdu(value(bytes(600), 0)))


def test_a_command_without_an_end_is_a_fault() -> None:
    with pytest.raises(MalformedPdata):
        read(Line(pdu(value(bytes(1000), IS_COMMAND)) * 100))


@pytest.mark.parametrize("begun", [b"", pdu(value(COMMAND, IS_COMMAND | IS_LAST))], ids=["command", "data set"])
def test_a_pdu_with_nothing_in_it_is_a_fault(begun: bytes) -> None:
    """PS3.8 9.3.5 has one value at least; a peer that sends none would never be late with its object."""
    with pytest.raises(MalformedPdata):
        read(Line(begun + pdu()))


def test_a_command_in_pieces_without_content_is_kept_to_a_bound() -> None:
    line = Line(pdu(*[value(b"", IS_COMMAND)] * 10_000) * 40)
    with pytest.raises(MalformedPdata):
        read(line)
    assert len(line.data) > HIGHEST_PDU_BYTES


def test_the_pieces_of_one_pdu_cost_no_more_the_more_there_are() -> None:
    pieces = HIGHEST_PDU_BYTES // 7
    line = Line(pdu(value(COMMAND, IS_COMMAND | IS_LAST)) + pdu(*[value(b"x", 0)] * pieces) + pdu(value(b"x", IS_LAST)))
    began = time.process_time()
    assert read(line, most=pieces + 1) == (COMMAND, b"x" * (pieces + 1))
    assert time.process_time() - began < 1.5


def test_a_peer_that_drips_is_not_waited_for_for_ever() -> None:
    timeouts = Timeouts(dimse_seconds=1e-9)
    line = Line(pdu(value(COMMAND, IS_COMMAND | IS_LAST)) + pdu(value(b"", 0)) * 3)
    incoming = IncomingMessage(line, timeouts)  # type: ignore[arg-type]  # as above
    incoming.command()
    with pytest.raises(TimeoutError):
        list(incoming.data(1000))
