"""Reading files by descriptors: one that is written just now, or as far as it lies in memory.

What would have to come from the disk is then refused, not waited for.
"""

import errno
import os
from io import RawIOBase
from typing import BinaryIO, cast

from dicomweb.at_once import TakesLongerError

_NOT_HERE = frozenset({errno.EAGAIN, errno.EOPNOTSUPP})


def open_cached(path: str) -> BinaryIO:
    """A seekable stream whose reads raise TakesLongerError where the page cache of the system lacks a byte asked for.

    Raises FileNotFoundError. File systems that cannot tell (RWF_NOWAIT of preadv(2)) never have it.
    """
    return cast(BinaryIO, _Positioned(os.open(path, os.O_RDONLY | os.O_CLOEXEC), os.RWF_NOWAIT))


def borrowed(descriptor: int) -> BinaryIO:
    """A seekable stream over an open file, which stays open and where it is."""
    return cast(BinaryIO, _Positioned(descriptor, 0, is_own=False))


class _Positioned(RawIOBase):
    """A file by its descriptor, with a position of its own."""

    def __init__(self, descriptor: int, flags: int, *, is_own: bool = True) -> None:
        self._descriptor = descriptor
        self._flags = flags
        self._is_own = is_own
        self._offset = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """From the beginning, or the end."""
        self._offset = offset + (os.fstat(self._descriptor).st_size if whence == os.SEEK_END else 0)
        return self._offset

    def read(self, size: int = -1) -> bytes:
        """All of `size` bytes, fewer at the end of the file."""
        buffer = bytearray(os.fstat(self._descriptor).st_size - self._offset if size < 0 else size)
        length = self._fill(memoryview(buffer))
        self._offset += length
        return bytes(memoryview(buffer)[:length])

    def close(self) -> None:
        """Close the descriptor, once, unless it is borrowed."""
        if not self.closed:
            super().close()
            if self._is_own:
                os.close(self._descriptor)

    def _fill(self, buffer: memoryview) -> int:
        length = 0
        while length < len(buffer):
            try:
                more = os.preadv(self._descriptor, [buffer[length:]], self._offset + length, self._flags)
            except OSError as error:
                if error.errno in _NOT_HERE:
                    raise TakesLongerError from error
                raise
            if more == 0:
                break
            length += more
        return length
