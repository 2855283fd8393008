"""The sockets under an association: bounded reads, no Nagle, every wait limited.

pynetdicom's own `AssociationSocket` buffers whatever length a PDU claims (PS3.8 9.3: up to 4 GiB), lets a peer
that stops reading block its thread for ever, and keeps the reason of a failed connection to itself.
"""

import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

from dimse.rejection import Rejection

if TYPE_CHECKING:
    from pynetdicom.association import Association

HIGHEST_PDU_BYTES = 1024 * 1024
"""The longest PDU taken from a peer: above any association request with 128 contexts, and above the P-DATA
lengths that we announce."""

LOWEST_PEER_PDU_BYTES = 1024
"""A peer that takes less at a time (PS3.8 D.1 allows any) would have a photo cut into a million pieces."""

TRANSPORT_CLOSED = "Evt17"
"""The state machine's name of "transport connection closed" (PS3.8 table 9-2)."""


def is_workable_pdu_length(length: int | None) -> bool:
    """Return whether we can send to a peer that announced `length` as its longest PDU; 0 is without a limit.

    None, a peer that announces none though it must (PS3.8 D.1), cannot be worked with.
    """
    return length is not None and (length == 0 or length >= LOWEST_PEER_PDU_BYTES)


class PduTooLong(OSError):
    """A peer claims a PDU longer than we take; an OSError, because that is what closes the connection."""


class BoundedSocket(AssociationSocket):
    """An association's socket that reads only PDUs of a sane length, each within the network timeout."""

    @property
    def ready(self) -> bool:
        """Whether there is something to read; a connection that is gone is an event for the state machine.

        The library asks `select`, which knows no descriptor above 1023: a gateway with a thousand files and
        connections open would take every association for broken.
        """
        if self.socket is None or not self._is_connected:
            return False
        try:
            poll = select.poll()
            poll.register(self.socket, select.POLLIN)
            return bool(poll.poll(0))
        except (OSError, ValueError):  # closed meanwhile
            self.event_queue.put(TRANSPORT_CLOSED)
            return False

    def recv(self, nr_bytes: int) -> bytearray:
        """Read exactly `nr_bytes`, fewer if the peer closes first.

        Raises PduTooLong, and TimeoutError where the peer takes longer than the network timeout for all of them.
        """
        if nr_bytes > HIGHEST_PDU_BYTES:
            raise PduTooLong(f"a PDU of {nr_bytes} bytes was announced")
        assert self.socket is not None
        _acknowledge_at_once(self.socket)
        received = bytearray(nr_bytes)
        view = memoryview(received)
        deadline = time.monotonic() + (self.assoc.network_timeout or 60.0)
        filled = 0
        while filled < nr_bytes:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            count = self.socket.recv_into(view[filled:])
            if not count:
                break
            filled += count
        self.socket.settimeout(self.assoc.network_timeout)
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

    def hang_up(self) -> None:
        """Close the connection at once, whatever state it is in; may be called repeatedly."""
        connection = self.socket
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _shutdown_socket(self) -> None:
        # The library's own leaves the socket open where the peer has closed first.
        self.hang_up()


def _acknowledge_at_once(connection: socket.socket) -> None:
    """Have the kernel acknowledge what comes next without delay; it forgets, so it is told each time.

    Peers that leave Nagle's algorithm on (DCMTK, Orthanc) hold the second half of an answer back until the first
    is acknowledged: 40 ms for each object otherwise. Linux only; elsewhere it is slower, not wrong.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class AcceptedSocket(BoundedSocket):
    """Takes over a connection that pynetdicom's server has accepted and wrapped."""

    def __init__(self, wrapped: AssociationSocket) -> None:
        # Not through the base class: it would announce the connection to the state machine a second time.
        vars(self).update(vars(wrapped))
        assert self.socket is not None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(self.assoc.network_timeout)


class DialingSocket(BoundedSocket):
    """Opens a connection, and remembers why it could not, or how the association was rejected."""

    def __init__(self, assoc: "Association", address: AddressInformation) -> None:
        super().__init__(assoc, address=address)
        self.failure: OSError | None = None
        self.rejection: Rejection | None = None

    def connect(self, primitive: T_CONNECT) -> None:
        """Connect within the association's connection timeout; the outcome goes to the state machine."""
        assert self.socket is not None
        try:
            self.socket.settimeout(self.assoc.connection_timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.connect(primitive.address_info.as_tuple)
            self.socket.settimeout(self.assoc.network_timeout)
            self._is_connected = True
            primitive.result = "Evt2"
        except OSError as error:
            self.failure = error
            self.hang_up()
            self.socket = None
            primitive.result = TRANSPORT_CLOSED
        finally:
            self.provider_queue.put(primitive)
            self._ready.set()
