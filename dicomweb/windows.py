"""Reading small pieces of a large seekable stream at their offsets, a block at a time."""

from typing import BinaryIO

from dicomweb.part10_errors import TruncatedError

BLOCK_BYTES = 16 * 1024


class Window:
    """A stream seen through a buffer of one block; nothing but the block is kept.

    `size` is the stream's length in bytes, found by seeking: what the bytes claim is never believed.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, 2)
        self._start = 0
        self._buffer = b""

    def take(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`.

        Raises:
            TruncatedError: the stream ends before.
        """
        start = offset - self._start
        if start >= 0 and start + length <= len(self._buffer):
            return self._buffer[start : start + length]
        if offset + length > self.size:
            raise TruncatedError(f"the file ends at byte {self.size}, {length} bytes at byte {offset} were announced")
        self._stream.seek(offset)
        self._buffer = self._read(max(length, BLOCK_BYTES), at_least=length)
        self._start = offset
        return self._buffer[:length]

    def _read(self, length: int, *, at_least: int) -> bytes:
        """Up to `length` bytes; a raw stream may hand them out in pieces."""
        data = self._stream.read(length)
        while len(data) < at_least:
            more = self._stream.read(length - len(data))
            if not more:
                raise TruncatedError("the file became shorter while it was read")
            data += more
        return data
