"""A TLS connection that one thread reads and another one writes, with the methods of a socket that are used here.

OpenSSL's connections are not made for two threads at a time, and Python's locks them only since 3.13. So the socket
never blocks: whoever has to wait does so outside the lock.
"""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

_T = TypeVar("_T")
Buffer = bytes | bytearray | memoryview


class TlsStream:
    """Wraps a connection, of which `shake_hands` comes first. Every wait ends after `settimeout`'s seconds.

    With TimeoutError then; other faults are OSErrors too, `ssl.SSLError` among them.
    """

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self._connection.setblocking(False)
        self._lock = threading.Lock()
        self._timeout: float | None = None
        self.fault: ssl.SSLError | None = None
        """What the other side, or what came from it, ended the connection with."""

    def shake_hands(self, seconds: float) -> None:
        """Do the handshake, the whole of it within `seconds`, whatever the other side drips."""
        self.settimeout(seconds)
        self._wait_and(self._connection.do_handshake)

    def settimeout(self, seconds: float | None) -> None:
        """Wait no longer than this; None, for ever."""
        self._timeout = seconds

    def recv_into(self, buffer: memoryview) -> int:
        """Read some bytes; 0 where the other side has closed, in good form or not."""
        try:
            return self._wait_and(lambda: self._connection.recv_into(buffer))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0

    def recv(self, count: int) -> bytes:
        """Read some bytes, at most `count`; none where the other side has closed."""
        buffer = bytearray(count)
        return bytes(buffer[: self.recv_into(memoryview(buffer))])

    def send(self, data: Buffer) -> int:
        """Write some bytes; how many."""
        return self._wait_and(lambda: self._connection.send(data))

    def sendall(self, data: Buffer) -> None:
        """Write all of them."""
        left = memoryview(data)
        while left:
            left = left[self.send(left) :]

    def pending(self) -> int:
        """Bytes that were decrypted and not read, which `select` and `poll` know nothing of."""
        with self._lock:
            return self._connection.pending()

    def fileno(self) -> int:
        """The descriptor, -1 once it is closed."""
        return self._connection.fileno()

    def setsockopt(self, level: int, option: int, value: int) -> None:
        """As a socket's."""
        self._connection.setsockopt(level, option, value)

    def shutdown(self, how: int) -> None:
        """End the connection below TLS; it wakes who waits."""
        # Not through the wrapper, which would take TLS away under a reader's feet.
        socket.socket.shutdown(self._connection, how)

    def close(self) -> None:
        """Close; may be called repeatedly."""
        with self._lock, suppress(OSError):
            self._connection.close()

    def _wait_and(self, act: Callable[[], _T]) -> _T:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while True:
            try:
                with self._lock:
                    return act()
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN, deadline)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT, deadline)
            except ssl.SSLError as error:
                self.fault = error
                raise

    def _wait(self, what: int, deadline: float | None) -> None:
        descriptor = self.fileno()
        if descriptor < 0:
            raise ConnectionResetError("the connection is closed")
        poll = select.poll()
        poll.register(descriptor, what)
        left = None if deadline is None else max(deadline - time.monotonic(), 0) * 1000
        if not poll.poll(left):
            raise TimeoutError("timed out")


def over(connection: socket.socket, context: ssl.SSLContext, *, server_name: str | None = None) -> TlsStream:
    """TLS over a connection, as the side that dialled where `server_name` is given. Raises OSError."""
    is_server = server_name is None
    return TlsStream(
        context.wrap_socket(
            connection, server_side=is_server, server_hostname=server_name, do_handshake_on_connect=False
        )
    )
