"""A connected socket under HTTP on which no wait is longer than what is left of the exchange's time.

`http.client` limits each read by itself, so that a peer that gives one byte every few seconds is never too slow.
"""

import io
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

_GLANCE_BYTES = 16 * 1024


class Wire(io.RawIOBase):
    """Reads and writes before a deadline that `limit` sets; TimeoutError after it."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._socket = connection
        self._deadline = time.monotonic()
        self._glanced = b""
        self._failure: OSError | None = None

    def limit(self, seconds: float) -> None:
        """Let whatever follows be over within so many seconds from now."""
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is, at least a byte; 0 where the peer has closed."""
        view = memoryview(buffer)
        if self._glanced:
            count = min(len(view), len(self._glanced))
            view[:count] = self._glanced[:count]
            self._glanced = self._glanced[count:]
            return count
        if self._failure is not None:
            raise self._failure
        self._socket.settimeout(self._left())
        return self._socket.recv_into(view)

    def send_all(self, data: bytes, stall_seconds: float) -> None:
        """Send everything; TimeoutError too where the peer takes nothing for `stall_seconds`."""
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(min(self._left(), stall_seconds))
            rest = rest[self._socket.send(rest) :]

    def spoke(self) -> bool:
        """Whether the peer has said something already, or closed; what it said is kept for reading."""
        if self._glanced or self._failure is not None:
            return True
        self._socket.settimeout(0)
        try:
            self._glanced = self._socket.recv(_GLANCE_BYTES)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            return False  # the last: records came that hold nothing for us, such as session tickets
        except OSError as error:
            self._failure = error  # what was wrong is told to whoever reads
        return True

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client.HTTPResponse` reads from; closing that leaves the connection open."""
        return io.BufferedReader(_Borrowed(self))

    def hang_up(self) -> None:
        """Close at once; from any thread, may be called repeatedly."""
        cut(self._socket)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the exchange is over")
        return left


class _Borrowed(io.RawIOBase):
    """Reads from a wire that outlives it."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.readinto(buffer)


def cut(connection: socket.socket) -> None:
    """Close a socket so that a thread which waits on it wakes; closing alone would let it wait."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()
