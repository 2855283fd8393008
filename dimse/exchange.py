"""One C-STORE over an established association: request out, response in (PS3.7 9.1.1).

pynetdicom negotiates, releases and aborts. The messages of a C-STORE go past it, straight over the association's
socket: the data set as it is stored, a block of PDUs in each call, and the response as soon as it is there.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from pynetdicom.association import Association

from dimse.encoded import EncodedDataSet
from dimse.errors import DimseError
from dimse.outgoing import MoveOriginator
from dimse.pdata import (
    P_DATA,
    PDU_HEADER,
    Fragment,
    MalformedPdata,
    block_bytes,
    command_pdus,
    data_pdus,
    fragment_bytes,
    fragments,
)
from dimse.store_messages import (
    CANCEL_REQUEST,
    MalformedCommand,
    StoreAnswer,
    command_elements,
    command_field,
    store_answer,
    store_request,
)
from dimse.transport import BoundedSocket

MAX_MESSAGE_ID = 0xFFFF
MAX_COMMAND_BYTES = 64 * 1024
"""Far above any response to a C-STORE."""


class NoAnswer(DimseError):
    """No usable response came; whether the peer has the instance is unknown."""


class ConnectionLost(NoAnswer):
    """The association ended before a response came."""


@dataclass(frozen=True, slots=True)
class StoreMessage:
    """One C-STORE request: `data_set` is encoded as presentation context `context_id` was accepted.

    `originator` is told where it is sent for somebody's C-MOVE.
    """

    context_id: int
    message_id: int
    sop_class_uid: str
    sop_instance_uid: str
    data_set: EncodedDataSet
    originator: MoveOriginator | None = None


def exchange(association: Association, message: StoreMessage, response_seconds: float) -> StoreAnswer:
    """Send `message` and wait for its response; one exchange at a time on an association, in either role.

    Sending may take `response_seconds`, and so may the response after it. Raises NoAnswer, and UnavailableInstance
    where the data set cannot be read to its end; after both the association must not be used again.
    """
    try:
        with held_connection(association) as connection:
            with _in_time("the peer takes nothing more of it"):
                _send(connection, association.dimse.maximum_pdu_size, message, time.monotonic() + response_seconds)
            with _in_time(f"no answer came within {response_seconds:.0f} s"):
                return _answer(connection, message, time.monotonic() + response_seconds)
    except OSError as error:
        raise ConnectionLost("the connection broke before an answer came") from error


@contextmanager
def held_connection(association: Association) -> Iterator[BoundedSocket]:
    """The connection of an established association, held: its messages go past the library meanwhile.

    Raises ConnectionLost where the association has ended, and OSError where the connection is gone.
    """
    connection = association.dul.socket
    if not isinstance(connection, BoundedSocket):
        raise ConnectionLost("the association has ended")
    with connection.held():
        _require_established(association)
        yield connection


@contextmanager
def _in_time(else_words: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise NoAnswer(else_words) from error


def _require_established(association: Association) -> None:
    """Raise ConnectionLost where the peer has just released or aborted, and the library has read it."""
    if not association.is_established or association.dul.peek_next_pdu() is not None:
        raise ConnectionLost("the association has ended")


def _send(connection: BoundedSocket, longest_pdu: int, message: StoreMessage, deadline: float) -> None:
    """Send the whole request; what goes with one call of the kernel is the command and up to a block of the data."""
    fragment = fragment_bytes(longest_pdu)
    command = store_request(message.sop_class_uid, message.sop_instance_uid, message.message_id, message.originator)
    pending = command_pdus(message.context_id, command, fragment)
    blocks = message.data_set.blocks(block_bytes(fragment))
    for pdus in data_pdus(message.context_id, blocks, message.data_set.length, fragment):
        connection.send_all([*pending, *pdus], deadline)
        pending = []
    if pending:
        connection.send_all(pending, deadline)


def _answer(connection: BoundedSocket, message: StoreMessage, deadline: float) -> StoreAnswer:
    """Wait for the response. A C-CANCEL that comes meanwhile is left to the library, and so is an end."""
    command = b""
    while True:
        pdu = connection.next_pdu(deadline)
        if pdu[0] != P_DATA:
            connection.hand_back(pdu)
            raise ConnectionLost("the peer ended the association instead of an answer")
        command, is_whole = _gathered(command, pdu)
        if not is_whole:
            continue
        try:
            elements = command_elements(command)
            if command_field(elements) != CANCEL_REQUEST:
                return store_answer(elements, message.message_id)
        except MalformedCommand as error:
            raise NoAnswer(str(error)) from error
        connection.hand_back(pdu)
        command = b""


def _gathered(command: bytes, pdu: bytes) -> tuple[bytes, bool]:
    """Add what a PDU holds to the command gathered so far; also whether that is all of it."""
    try:
        pieces: list[Fragment] = [*fragments(pdu[PDU_HEADER.size :])]
    except MalformedPdata as error:
        raise NoAnswer(f"the peer answered with what cannot be read: {error}") from error
    if not all(piece.is_command for piece in pieces):
        raise NoAnswer("the peer answered with something else than a C-STORE response")
    command = b"".join(chain((command,), (piece.data for piece in pieces)))
    if len(command) > MAX_COMMAND_BYTES:
        raise NoAnswer("the peer's answer is too long")
    return command, bool(pieces) and pieces[-1].is_last
