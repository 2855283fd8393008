"""The two ends of a connection: one that was accepted, and one that dials."""

import socket
import threading
from ssl import SSLContext
from typing import TYPE_CHECKING

from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

from dimse.rejection import Rejection
from dimse.tls_stream import TlsStream, over
from dimse.transport import NETWORK_SECONDS, TRANSPORT_CLOSED, BoundedSocket

if TYPE_CHECKING:
    from pynetdicom.association import Association


class AcceptedSocket(BoundedSocket):
    """Takes over a connection that pynetdicom's server has accepted and wrapped."""

    def __init__(self, wrapped: AssociationSocket) -> None:
        # Not through the base class: it would announce the connection to the state machine a second time.
        vars(self).update(vars(wrapped))
        self._turn = threading.Condition()
        self._hang_bell()
        assert self.socket is not None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(self.assoc.network_timeout)

    def secure(self, context: SSLContext, seconds: float) -> None:
        """Do the TLS handshake of a connection that nobody reads yet. Raises OSError, `ssl.SSLError` among them."""
        connection = self.socket
        assert isinstance(connection, socket.socket)
        stream = over(connection, context)
        self.socket = stream  # before the handshake: it may be cut meanwhile
        stream.shake_hands(seconds)
        stream.settimeout(self.assoc.network_timeout)


class DialingSocket(BoundedSocket):
    """Opens a connection, and remembers why it could not, or how the association was rejected."""

    def __init__(self, assoc: "Association", address: AddressInformation) -> None:
        super().__init__(assoc, address=address)
        self.failure: OSError | None = None
        self.fails_in_tls = False
        self.rejection: Rejection | None = None

    def connect(self, primitive: T_CONNECT) -> None:
        """Connect within the association's connection timeout; the outcome goes to the state machine."""
        plain = self.socket
        assert isinstance(plain, socket.socket)
        try:
            plain.settimeout(self.assoc.connection_timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.connect(primitive.address_info.as_tuple)
            connection = self._secured(plain, *self.tls_args) if self.tls_args else plain
            connection.settimeout(self.assoc.network_timeout)
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

    def _secured(self, connection: socket.socket, context: SSLContext, server_name: str) -> TlsStream:
        self.fails_in_tls = True
        stream = over(connection, context, server_name=server_name)
        self.socket = stream  # before the handshake: whoever breaks off hangs up on it
        stream.shake_hands(self.assoc.connection_timeout or NETWORK_SECONDS)
        self.fails_in_tls = False
        return stream
