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

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """From the beginning, from where it is, or from the end; behind it, too."""
        if whence == os.SEEK_CUR:
            offset += self._offset
        elif whence == os.SEEK_END:
            offset += self._size()
        if offset < 0:
            raise ValueError("before the beginning of the file")
        self._offset = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """All of `size` bytes, fewer at the end of the file."""
        if size < 0:
            size = max(self._size() - self._offset, 0)
        data = self._read_now(size) if self._flags else os.pread(self._descriptor, size, self._offset)
        self._offset += len(data)
        return data

    def close(self) -> None:
        """Close the descriptor, once, unless it is borrowed."""
        if not self.closed:
            super().close()
            if self._is_own:
                os.close(self._descriptor)

    def _size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def _read_now(self, size: int) -> bytes:
        buffer, length = memoryview(bytearray(size)), 0
        while length < size:
            try:
                more = os.preadv(self._descriptor, [buffer[length:]], self._offset + length, self._flags)
            except OSError as error:
                if error.errno in _NOT_HERE:
                    raise TakesLongerError from error
                raise
            if more == 0:
                break
            length += more
        return bytes(buffer[:length])
