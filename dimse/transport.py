"""The sockets under an association: bounded reads, no Nagle, every wait limited.

pynetdicom's own `AssociationSocket` buffers whatever length a PDU claims (PS3.8 9.3: up to 4 GiB), lets a peer
that stops reading block its thread for ever, and keeps the reason of a failed connection to itself.
"""

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from pynetdicom.transport import AssociationSocket

from dimse.pdata import PDU_HEADER, Buffer
from dimse.tls_stream import TlsStream
from dimse.waking import GLANCE_SECONDS, SHORTEST_SLEEP_SECONDS, Bell, RingingQueue

HIGHEST_PDU_BYTES = 1024 * 1024
"""The longest PDU taken from a peer: above any association request with 128 contexts, and above the P-DATA
lengths that we announce."""

LOWEST_PEER_PDU_BYTES = 1024
"""A peer that takes less at a time (PS3.8 D.1 allows any) would have a photo cut into a million pieces."""

NETWORK_SECONDS = 60.0
"""Of a network timeout that is not set."""

HANDOVER_SECONDS = 1.0
"""How long the library may take over a PDU that it has begun to read."""

TRANSPORT_CLOSED = "Evt17"
"""The state machine's name of "transport connection closed" (PS3.8 table 9-2)."""


def is_workable_pdu_length(length: int | None) -> bool:
    """Return whether we can send to a peer that announced `length` as its longest PDU; 0 is without a limit.

    None, a peer that announces none though it must (PS3.8 D.1), cannot be worked with.
    """
    return length is not None and (length == 0 or length >= LOWEST_PEER_PDU_BYTES)


Connection = socket.socket | TlsStream
"""What an association runs over."""


class PduTooLong(OSError):
    """A peer claims a PDU longer than we take; an OSError, because that is what closes the connection."""


class BoundedSocket(AssociationSocket):
    """An association's socket that reads only PDUs of a sane length, each within the network timeout.

    Two may read it: the library's thread, which asks `ready` before each PDU, and whoever has it `held`.
    """

    socket: "Connection | None"  # type: ignore[assignment]  # the library knows sockets alone
    _turn: threading.Condition
    _bell: Bell
    _is_held = False
    _library_reads = False
    _handed_back = b""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._turn = threading.Condition()
        super().__init__(*arguments, **named)
        self._hang_bell()

    def _hang_bell(self) -> None:
        """Have the library's thread woken by what it is to send; before that thread has begun."""
        self._bell = Bell()
        service = self.assoc.dul
        service.to_provider_queue = RingingQueue(self._bell)
        service._run_loop_delay = SHORTEST_SLEEP_SECONDS  # noqa: SLF001 - it rests in `ready`

    def still(self) -> None:
        """Take the bell down: nobody needs to be woken any more. The library's thread, if it runs, goes on."""
        self._bell.close()

    @property
    def ready(self) -> bool:
        """Whether there is something for the library to read; never while the socket is held.

        Waits for it, or for something to send, a few milliseconds at most.
        """
        self._rest()
        with self._turn:
            self._library_reads = not self._is_held and (bool(self._handed_back) or self._is_readable())
            self._turn.notify_all()
            return self._library_reads

    def _rest(self) -> None:
        connection = self.socket
        if connection is None or not self._is_connected:
            time.sleep(GLANCE_SECONDS)
            return
        has_some = self._handed_back or (isinstance(connection, TlsStream) and connection.pending())
        if has_some and not self._is_held:
            return
        with suppress(OSError, ValueError):  # closed meanwhile, which is found out next
            self._bell.wait_beside(None if self._is_held else connection)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the library from reading: what comes is read by `next_pdu`, or waits.

        Raises ConnectionError where the connection is gone, or the library is busy with what came uncalled for.
        """
        with self._turn:
            free = self._turn.wait_for(lambda: not self._library_reads and not self._handed_back, HANDOVER_SECONDS)
            if not free or self.socket is None:
                raise ConnectionAbortedError("the connection is about to end")
            self._is_held = True
        try:
            yield
        finally:
            with self._turn:
                self._is_held = False

    def next_pdu(self, deadline: float) -> bytes:
        """Read one PDU, header included; to be called while `held`.

        Raises PduTooLong, TimeoutError where it is not whole before `deadline` (as of `time.monotonic`) or takes longer
        than the network timeout from its header on, ConnectionError where the peer is gone.
        """
        header = self._read(PDU_HEADER.size, deadline)
        if len(header) == PDU_HEADER.size:
            length = PDU_HEADER.unpack(header)[1]
            _require_sane(length)
            body = self._read(length, min(deadline, self._network_ends_at()))
            if len(body) == length:
                return bytes(header + body)
        raise ConnectionResetError("the peer closed the connection")

    def hand_back(self, pdu: bytes) -> None:
        """Let the library read this PDU next. Raises PduTooLong where there are too many of them already."""
        with self._turn:
            if len(self._handed_back) + len(pdu) > HIGHEST_PDU_BYTES:
                raise PduTooLong("what came instead of an answer is too much")
            self._handed_back += pdu

    @property
    def has_handed_back(self) -> bool:
        """Whether something handed back has not been read again."""
        return bool(self._handed_back)

    def send_all(self, buffers: Sequence[Buffer], deadline: float) -> None:
        """Send all of `buffers`, in one call of the kernel where it takes them.

        Raises TimeoutError where the peer takes nothing for the network timeout, or not all before `deadline`, and
        OSError where the connection is gone.
        """
        connection = self._connected()
        if isinstance(connection, TlsStream):  # has no vectored send
            connection.settimeout(self._patience(deadline))
            connection.sendall(b"".join(buffers))
        else:
            left = deque(memoryview(buffer) for buffer in buffers)
            while left:
                connection.settimeout(self._patience(deadline))
                _drop(left, connection.sendmsg(left))
        _acknowledge_at_once(connection)

    def _connected(self) -> Connection:
        if self.socket is None:
            raise ConnectionResetError("the connection is closed")
        return self.socket

    def _patience(self, deadline: float) -> float:
        """How long the network may take over the next bytes, in seconds."""
        return max(min(deadline - time.monotonic(), self.assoc.network_timeout or NETWORK_SECONDS), 0.001)

    def _is_readable(self) -> bool:
        """Whether a byte or the end waits; a connection that is gone is an event for the state machine.

        The library asks `select`, which knows no descriptor above 1023: a gateway with a thousand files and
        connections open would take every association for broken.
        """
        if self.socket is None or not self._is_connected:
            return False
        return self.waits_for(0)

    def waits_for(self, seconds: float) -> bool:
        """Wait at most so long for a byte or the end; return whether there is one."""
        try:
            if isinstance(self.socket, TlsStream) and self.socket.pending():
                return True
            poll = select.poll()
            poll.register(self._connected(), select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        except (OSError, ValueError):  # closed meanwhile
            self.event_queue.put(TRANSPORT_CLOSED)
            return False

    def recv(self, nr_bytes: int) -> bytearray:
        """Read exactly `nr_bytes`, fewer if the peer closes first.

        Raises PduTooLong, and TimeoutError where the peer takes longer than the network timeout for all of them.
        """
        _require_sane(nr_bytes)
        if self._handed_back and not self._is_held:
            with self._turn:
                given, self._handed_back = self._handed_back[:nr_bytes], self._handed_back[nr_bytes:]
            return bytearray(given)
        return self._read(nr_bytes, self._network_ends_at())

    def _network_ends_at(self) -> float:
        """Until when the network may take over what begins now."""
        return time.monotonic() + (self.assoc.network_timeout or NETWORK_SECONDS)

    def _read(self, nr_bytes: int, deadline: float) -> bytearray:
        connection = self._connected()
        _acknowledge_at_once(connection)
        received = bytearray(nr_bytes)
        view = memoryview(received)
        filled = 0
        while filled < nr_bytes:
            left = deadline - time.monotonic()
            if left <= 0:  # nor is a peer listened to for ever that always has more to say
                raise TimeoutError("timed out")
            connection.settimeout(left)
            count = connection.recv_into(view[filled:])
            if not count:
                break
            filled += count
        connection.settimeout(self.assoc.network_timeout)
        del view
        return received[:filled]

    def send(self, bytestream: bytes) -> None:
        """Send all of `bytestream`; a peer that takes nothing for the network timeout counts as gone."""
        assert self.socket is not None
        rest = memoryview(bytestream)
        try:
            while rest:
                rest = rest[self.socket.send(rest) :]
            _acknowledge_at_once(self.socket)
        except OSError:
            self.event_queue.put(TRANSPORT_CLOSED)

    def cut(self) -> None:
        """End the connection from another thread than those who use it: they find it at its end, and close it."""
        connection = self.socket
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Close the connection at once, whatever state it is in; may be called repeatedly."""
        connection = self.socket
        if connection is not None:
            self.cut()
            connection.close()
        self.still()
        with self._turn:  # the library, which may just have read the end, asks no more
            self._library_reads, self._handed_back = False, b""
            self._turn.notify_all()

    def _shutdown_socket(self) -> None:
        # The library's own leaves the socket open where the peer has closed first.
        self.hang_up()


def _require_sane(length: int) -> None:
    if length > HIGHEST_PDU_BYTES:
        raise PduTooLong(f"a PDU of {length} bytes was announced")


def _drop(buffers: deque[memoryview], count: int) -> None:
    """Take the first `count` bytes off, which are sent."""
    while buffers and count >= len(buffers[0]):
        count -= len(buffers.popleft())
    if count:
        buffers[0] = buffers[0][count:]


def _acknowledge_at_once(connection: Connection) -> None:
    """Have the kernel acknowledge what comes next without delay; it forgets, so it is told each time.

    Peers that leave Nagle's algorithm on (DCMTK, Orthanc) hold the second half of an answer back until the first
    is acknowledged: 40 ms for each object otherwise. Linux only; elsewhere it is slower, not wrong.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
