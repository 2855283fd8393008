"""An HTTP client at next to no cost of its own: requests are made beforehand, answers read without looking inside."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header block and body of an answer."""

    status: int
    head: bytes
    body: bytes


def request(method: str, address: tuple[str, int], path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    fields = {"Host": f"{address[0]}:{address[1]}", **headers}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Connection:
    """One kept connection, for one thread; opened again where the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket = self._opened()

    def ask(self, wanted: bytes) -> Answer:
        """Send a request in one piece and read its answer whole."""
        try:
            self._socket.sendall(wanted)
            received = self._read(b"")
        except (BrokenPipeError, ConnectionResetError):
            self._socket.close()
            self._socket = self._opened()
            self._socket.sendall(wanted)
            received = self._read(b"")
        while (end := received.find(b"\r\n\r\n")) < 0:
            received = self._read(received)
        head, body = received[: end + 2], received[end + 4 :]
        return Answer(int(head[9:12]), head, self._body(head, body))

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _opened(self) -> socket.socket:
        made = socket.create_connection(self._address, 60)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _read(self, before: bytes) -> bytes:
        more = self._socket.recv(_READ_BYTES)
        if not more:
            raise ConnectionResetError("the server closed the connection")
        return before + more

    def _body(self, head: bytes, begun: bytes) -> bytes:
        length = _LENGTH.search(head)
        if length is not None:
            return self._exactly(begun, int(length[1]))
        return self._chunks(begun) if _CHUNKED.search(head) else b""

    def _exactly(self, begun: bytes, length: int) -> bytes:
        pieces, have = [begun], len(begun)
        while have < length:
            pieces.append(self._read(b""))
            have += len(pieces[-1])
        return b"".join(pieces)

    def _chunks(self, rest: bytes) -> bytes:
        pieces: list[bytes] = []
        while True:
            while (end := rest.find(b"\r\n")) < 0:
                rest = self._read(rest)
            length = int(rest[:end].split(b";")[0], 16)
            rest = self._exactly(rest[end + 2 :], length + 2)
            pieces.append(rest[:length])
            rest = rest[length + 2 :]
            if length == 0:
                return b"".join(pieces)
