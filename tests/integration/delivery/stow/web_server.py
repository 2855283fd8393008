"""A web server on loopback that answers with whatever bytes a test wants, and keeps what it was sent."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Self

from tests.peers import LOOPBACK

MAX_HEAD_LINES = 100


@dataclass(frozen=True, slots=True)
class Received:
    """One request: its first line, its headers in lower case, its body."""

    line: str
    headers: Mapping[str, str]
    body: bytes


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer."""
    names = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in names.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class WebServer:
    """Answers each request with `says(request)`, or treats each connection as `behaves(socket)` does."""

    says: Callable[[Received], bytes] = lambda _request: answer(200)
    behaves: Callable[[socket.socket], None] | None = None
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'https' if self.tls else 'http'}://{LOOPBACK}:{self._listener.getsockname()[1]}/dicom-web"

    def __enter__(self) -> Self:
        self._listener = socket.create_server((LOOPBACK, 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in [self._listener, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            if self.behaves is not None:
                self.behaves(connection)
                return
            with connection, connection.makefile("rb") as stream:
                while (request := _read(stream)) is not None:
                    self.received.append(request)
                    connection.sendall(self.says(request))


def _read(stream: BinaryIO) -> Received | None:
    line = stream.readline().decode().strip()
    if not line:
        return None
    headers = {}
    for _ in range(MAX_HEAD_LINES):
        text = stream.readline().decode().strip()
        if not text:
            break
        name, _colon, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Received(line, headers, stream.read(int(headers.get("content-length", 0))))


def drip(connection: socket.socket) -> None:
    """Take a request's head, then answer a byte at a time, for ever."""
    connection.recv(65536)
    for byte in answer(200, b"x" * 100_000):
        connection.sendall(bytes([byte]))
        time.sleep(0.1)
