"""One message on its way in: its command whole, its data set piece by piece, as long as it keeps to the protocol."""

import time
from collections.abc import Iterator

from dimse.addresses import Timeouts
from dimse.errors import DimseError
from dimse.pdata import P_DATA, PDU_HEADER, Fragment, MalformedPdata, fragments
from dimse.transport import HIGHEST_PDU_BYTES, BoundedSocket

MAX_COMMAND_BYTES = 64 * 1024


class NoStore(DimseError):
    """What comes is no C-STORE request; it was handed back to be read again."""


class ObjectTooLong(DimseError):
    """A peer sends a longer data set than is taken."""


class IncomingMessage:
    """Reads one message from `connection`, whose reader nobody else is meanwhile.

    A peer may be slow (`timeouts.response_seconds`), but not for ever: it holds a place among the associations.
    """

    def __init__(self, connection: BoundedSocket, timeouts: Timeouts) -> None:
        self._connection = connection
        self._timeouts = timeouts
        self._raw = bytearray()
        self._pieces: Iterator[Fragment] = iter(())
        self._context_id = 0

    def command(self) -> tuple[int, bytes]:
        """Its presentation context's identifier and its command set.

        Raises NoStore, with everything handed back, where no command begins; MalformedPdata; OSError.
        """
        command = bytearray()
        while True:
            piece = self._next()
            if not piece.is_command:
                if command:
                    raise MalformedPdata("a data set within a command")
                self.hand_back()
                raise NoStore("no command")
            command += piece.data
            if len(command) > MAX_COMMAND_BYTES:
                raise MalformedPdata("a command that is too long")
            if piece.is_last:
                self._context_id = piece.context_id
                return piece.context_id, bytes(command)

    def hand_back(self) -> None:
        """Let the library read what was read so far; only before `data`."""
        self._connection.hand_back(bytes(self._raw))

    def data(self, most_bytes: int) -> Iterator[bytes]:
        """The pieces of its data set, to the last one. Raises MalformedPdata, ObjectTooLong, OSError."""
        self._raw.clear()
        received, began_at = 0, time.monotonic()
        while True:
            piece = self._next()
            if piece.is_command or piece.context_id != self._context_id:
                raise MalformedPdata("another message within a data set")
            received += len(piece.data)
            if received > most_bytes:
                raise ObjectTooLong(f"more than {most_bytes} bytes")
            yield piece.data
            if piece.is_last:
                break
            if time.monotonic() - began_at > self._timeouts.response_seconds(received):
                raise TimeoutError("a peer sends too slowly")
        if next(self._pieces, None) is not None:
            raise MalformedPdata("a message behind another in one PDU")

    def _next(self) -> Fragment:
        """The next piece, of the next PDU where this one has no more: each has at least one."""
        piece = next(self._pieces, None)
        if piece is None:
            self._pieces = fragments(self._read_body())
            piece = next(self._pieces)
        return piece

    def _read_body(self) -> bytes:
        header = self._connection.recv(PDU_HEADER.size)
        if len(header) < PDU_HEADER.size:
            raise ConnectionResetError("the peer closed the connection")
        if header[0] != P_DATA:
            self._connection.hand_back(bytes(header))
            raise NoStore("no data")
        length = PDU_HEADER.unpack(header)[1]
        body = bytes(self._connection.recv(length))
        if len(body) < length:
            raise ConnectionResetError("the peer closed the connection")
        if not self._context_id:
            self._keep(header, body)
        return body

    def _keep(self, header: bytes | bytearray, body: bytes) -> None:
        """Keep a PDU of the command, should it have to be handed back: as much as can be."""
        self._raw += header
        self._raw += body
        if len(self._raw) > PDU_HEADER.size + HIGHEST_PDU_BYTES:
            raise MalformedPdata("a command in too many pieces")
