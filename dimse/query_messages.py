"""The messages of a query as bytes: what asks and what cancels, and the answers as they come (PS3.7 9.1.2, 9.3.2).

pynetdicom's own way hands each answer from thread to thread, and makes objects of it that nobody needs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dimse import commands
from dimse.errors import DimseError
from dimse.pdata import P_DATA, PDU_HEADER, Fragment, fragments
from dimse.store_messages import (
    CANCEL_REQUEST,
    MEDIUM_PRIORITY,
    MalformedCommand,
    command_elements,
    command_field,
    read_number,
)
from dimse.transport import BoundedSocket

MAX_COMMAND_BYTES = 64 * 1024
"""Far above any response to a C-FIND."""

_FIND_REQUEST, _FIND_RESPONSE = 0x0020, 0x8020


class TooMuchSent(DimseError):
    """A peer answers with more than is taken."""


class PeerEnds(DimseError):
    """A peer asks for the association's end, or ends it, instead of answering; the library was left to read that."""


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """One response: its status, and its identifier as it came, empty where it has none."""

    status: int
    identifier: bytes


def find_request(sop_class_uid: str, message_id: int) -> bytes:
    """The command set of a C-FIND request (PS3.7 table 9.3-3)."""
    return commands.command_set(
        {
            commands.AFFECTED_SOP_CLASS_UID: sop_class_uid,
            commands.COMMAND_FIELD: _FIND_REQUEST,
            commands.MESSAGE_ID: message_id,
            commands.PRIORITY: MEDIUM_PRIORITY,
            commands.DATA_SET_TYPE: commands.DATA_SET_PRESENT,
        }
    )


def cancel_request(message_id: int) -> bytes:
    """The command set of the C-CANCEL of the request `message_id` (PS3.7 table 9.3-5)."""
    return commands.command_set(
        {
            commands.COMMAND_FIELD: CANCEL_REQUEST,
            commands.MESSAGE_ID_BEING_RESPONDED_TO: message_id,
            commands.DATA_SET_TYPE: commands.NO_DATA_SET,
        }
    )


class FindAnswers:
    """Reads the responses to one request after another from `connection`, at most `most_bytes` in all."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self._pieces: Iterator[Fragment] = iter(())

    def next(self, connection: BoundedSocket, message_id: int, deadline: float) -> FindAnswer:
        """The next response to the request `message_id`, from a connection that is held.

        Raises MalformedPdata and MalformedCommand, TooMuchSent, PeerEnds, TimeoutError and other OSErrors.
        """
        elements = command_elements(self._gathered(connection, deadline, is_command=True))
        if command_field(elements) != _FIND_RESPONSE:
            raise MalformedCommand("something else than a C-FIND response")
        if read_number(elements, commands.MESSAGE_ID_BEING_RESPONDED_TO) != message_id:
            raise MalformedCommand("an answer to another message")
        status = read_number(elements, commands.STATUS)
        if status is None:
            raise MalformedCommand("an answer without a status")
        identifier = b""
        if _has_data_set(elements):
            identifier = self._gathered(connection, deadline, is_command=False)
        return FindAnswer(status, identifier)

    def _gathered(self, connection: BoundedSocket, deadline: float, *, is_command: bool) -> bytes:
        """A whole command set, or a whole data set, which what is left bounds."""
        gathered = bytearray()
        while True:
            piece = self._piece(connection, deadline)
            if piece.is_command is not is_command:
                raise MalformedCommand("a command set within a data set, or the other way round")
            gathered += piece.data
            if is_command and len(gathered) > MAX_COMMAND_BYTES:
                raise TooMuchSent("a command that is too long")
            if piece.is_last:
                return bytes(gathered)

    def _piece(self, connection: BoundedSocket, deadline: float) -> Fragment:
        """The next piece, of the next PDU where this one has no more: each has at least one."""
        piece = next(self._pieces, None)
        if piece is None:
            pdu = connection.next_pdu(deadline)
            if pdu[0] != P_DATA:
                connection.hand_back(pdu)
                raise PeerEnds("the peer ends the association")
            self._left -= len(pdu)
            if self._left < 0:
                raise TooMuchSent("more than is taken on one association")
            self._pieces = fragments(pdu[PDU_HEADER.size :])
            piece = next(self._pieces)
        return piece


def _has_data_set(elements: Mapping[int, bytes]) -> bool:
    """One that leaves out whether a data set follows, as it must not, is read as if it had said that none does."""
    said = read_number(elements, commands.DATA_SET_TYPE)
    return said is not None and said != commands.NO_DATA_SET
