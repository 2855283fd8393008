"""The body of a store request: one DICOM file as multipart/related (PS3.18 8.6.1.2, RFC 2387), streamed."""

import secrets
from collections.abc import Callable, Iterator
from os import SEEK_END
from typing import BinaryIO

from dimse.errors import UnavailableInstance

CHUNK_BYTES = 256 * 1024


class OnePart:
    """A body around the file that `open_file` gives; opened for each reading of it, never held in memory.

    Raises UnavailableInstance where the file cannot be read, or is another size than at the beginning.
    """

    def __init__(self, open_file: Callable[[], BinaryIO]) -> None:
        self._open_file = open_file
        self._boundary = secrets.token_hex(16)
        self._head = f"--{self._boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        self._file_bytes = self._measured()

    @property
    def media_type(self) -> str:
        """The value of the request's Content-Type."""
        return f'multipart/related; type="application/dicom"; boundary={self._boundary}'

    @property
    def length(self) -> int:
        """How many bytes the whole body has."""
        return len(self._head) + self._file_bytes + len(self._tail)

    def chunks(self) -> Iterator[bytes]:
        """The body from its first byte; what is short goes with its neighbour."""
        yield from _joined(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        yield self._head
        left = self._file_bytes
        with self._opened() as stream:
            while left:
                piece = _read(stream, min(left, CHUNK_BYTES))
                left -= len(piece)
                yield piece
        yield self._tail

    def _measured(self) -> int:
        with self._opened() as stream:
            return stream.seek(0, SEEK_END)

    def _opened(self) -> BinaryIO:
        try:
            return self._open_file()
        except OSError as error:
            raise _unavailable(error) from error


def _read(stream: BinaryIO, most: int) -> bytes:
    try:
        piece = stream.read(most)
    except OSError as error:
        raise _unavailable(error) from error
    if not piece:
        raise UnavailableInstance("the file is shorter than it was a moment ago")
    return piece


def _unavailable(error: OSError) -> UnavailableInstance:
    return UnavailableInstance(f"the file cannot be read: {error.strerror or type(error).__name__}")


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, so that a small object leaves in one piece."""
    held = b""
    for piece in pieces:
        held += piece
        if len(held) >= CHUNK_BYTES:
            yield held
            held = b""
    if held:
        yield held
