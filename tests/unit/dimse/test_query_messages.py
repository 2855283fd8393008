"""Answers to a query as they come off a connection: read however they are cut, refused where they are none."""

import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pynetdicom.dimse_messages import C_CANCEL_RQ, C_FIND_RQ
from pynetdicom.dsutils import decode

from dimse import commands
from dimse.answer_messages import find_response
from dimse.pdata import IS_COMMAND, IS_LAST, MalformedPdata
from dimse.query_messages import (
    FindAnswer,
    FindAnswers,
    PeerEnds,
    TooMuchSent,
    cancel_request,
    find_request,
)
from dimse.store_messages import MalformedCommand
from tests.unit.dimse.test_incoming_message import cut, pdu, value

STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"
MESSAGE_ID = 7
PENDING, SUCCESS = 0xFF00, 0x0000
RELEASE = b"\x05\0\0\0\0\x04\0\0\0\0"


class Line:
    """A held connection from which these PDUs come, and then nothing more in time."""

    def __init__(self, *pdus: bytes) -> None:
        self.pdus = list(pdus)
        self.handed_back: list[bytes] = []

    def next_pdu(self, _deadline: float) -> bytes:
        if not self.pdus:
            raise TimeoutError("timed out")
        return self.pdus.pop(0)

    def hand_back(self, data: bytes) -> None:
        self.handed_back.append(data)


def final(status: int = SUCCESS, message_id: int = MESSAGE_ID) -> bytes:
    return commands.command_set(
        {
            commands.AFFECTED_SOP_CLASS_UID: STUDY_ROOT,
            commands.COMMAND_FIELD: 0x8020,
            commands.MESSAGE_ID_BEING_RESPONDED_TO: message_id,
            commands.DATA_SET_TYPE: commands.NO_DATA_SET,
            commands.STATUS: status,
        }
    )


def pending(message_id: int = MESSAGE_ID) -> bytes:
    return find_response(STUDY_ROOT, message_id, PENDING)


def whole(command: bytes) -> bytes:
    return value(command, IS_COMMAND | IS_LAST)


def taken(answers: FindAnswers, line: Line) -> FindAnswer:
    return answers.next(line, MESSAGE_ID, time.monotonic() + 1)  # type: ignore[arg-type]  # what it needs of one


def _values(identifier: bytes, first: int, second: int) -> Iterator[bytes]:
    for piece, last in cut(pending(), first):
        yield value(piece, IS_COMMAND | (IS_LAST if last else 0))
    for piece, last in cut(identifier, second):
        yield value(piece, IS_LAST if last else 0)
    yield whole(final())


@given(st.integers(1, 200), st.integers(1, 400), st.binary(min_size=1, max_size=900), st.integers(1, 7))
def test_answers_are_read_however_they_are_cut(first: int, second: int, identifier: bytes, together: int) -> None:
    values = list(_values(identifier, first, second))
    line = Line(*(pdu(*values[start : start + together]) for start in range(0, len(values), together)))
    answers = FindAnswers(10**6)
    assert taken(answers, line) == FindAnswer(PENDING, identifier)
    assert taken(answers, line) == FindAnswer(SUCCESS, b"")


@pytest.mark.parametrize(
    ("pdus", "error"),
    [
        ([pdu(whole(final(message_id=8)))], MalformedCommand),
        ([pdu(whole(b"\0" * 5))], MalformedCommand),
        ([pdu(whole(commands.command_set({commands.COMMAND_FIELD: 0x8001})))], MalformedCommand),
        ([pdu(whole(pending()[:-10] + b"\0\0\0\x09\0\0\0\0" + b"\0\0"))], MalformedCommand),
        ([pdu(value(b"data", IS_LAST))], MalformedCommand),
        ([pdu(whole(pending()), whole(final()))], MalformedCommand),
        ([b"\x04\0\0\0\0\x02\0\0"], MalformedPdata),
        ([RELEASE], PeerEnds),
        ([pdu(whole(pending())), RELEASE], PeerEnds),
        ([], TimeoutError),
        ([pdu(whole(pending()))], TimeoutError),
        ([pdu(value(b"x" * 9000, IS_COMMAND))] * 9, TooMuchSent),
        ([pdu(whole(pending())), *[pdu(value(b"x" * 9000, 0))] * 200], TooMuchSent),
    ],
)
def test_what_is_no_answer_is_refused(pdus: list[bytes], error: type[Exception]) -> None:
    line = Line(*pdus)
    with pytest.raises(error):
        taken(FindAnswers(1_000_000), line)
    assert line.handed_back == [each for each in pdus if each == RELEASE]


def test_what_many_answers_take_is_bounded_together() -> None:
    answers = FindAnswers(1000)
    line = Line(*[pdu(whole(pending()), value(b"x" * 300, IS_LAST))] * 3)
    for _ in range(2):
        assert taken(answers, line).identifier == b"x" * 300
    with pytest.raises(TooMuchSent):
        taken(answers, line)


@given(st.lists(st.binary(max_size=60), max_size=4), st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(bodies: list[bytes], tail: bytes) -> None:
    frames = [struct.pack(">BxL", 4, len(body)) + body for body in bodies]
    line = Line(*frames, pdu(whole(pending()[: len(tail)] + tail)))
    with suppress(MalformedPdata, MalformedCommand, TooMuchSent, TimeoutError):
        taken(FindAnswers(500), line)


def _read(command: bytes) -> Dataset:
    return decode(BytesIO(command), True, True)


def test_requests_are_what_the_library_would_send() -> None:
    asked = _read(find_request(STUDY_ROOT, MESSAGE_ID))
    assert {element.tag for element in asked} == set(C_FIND_RQ().command_set.keys()) | {0x00000000}
    assert (asked.AffectedSOPClassUID, asked.CommandField, asked.MessageID) == (STUDY_ROOT, 0x0020, MESSAGE_ID)
    assert (asked.Priority, asked.CommandDataSetType) == (0, 1)
    cancelled = _read(cancel_request(MESSAGE_ID))
    assert {element.tag for element in cancelled} == set(C_CANCEL_RQ().command_set.keys()) | {0x00000000}
    assert (cancelled.CommandField, cancelled.MessageIDBeingRespondedTo) == (0x0FFF, MESSAGE_ID)
    assert cancelled.CommandDataSetType == commands.NO_DATA_SET
