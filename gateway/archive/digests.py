"""What is computed of a Part 10 file while it passes: a clean preamble and two digests."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

from dicomweb.file_meta import PREFIX_OFFSET, read_file_meta
from dicomweb.part10_errors import Part10Error
from dicomweb.usual_file_meta import SHORTEST_ELEMENT, usual_file_meta
from dicomweb.value_json import UnusualError
from dicomweb.windows import Window

_HEAD_BYTES = 4096
_BLOCK_BYTES = 1024 * 1024


class FileDigest:
    """Digests of a file fed chunk by chunk: of the whole, and of its data set alone.

    The data set's tells whether an instance is the same again: the file meta before it names the software that
    wrote the file and may differ. The preamble is zeroed on its way, since it can make the file an executable
    (CVE-2019-11687); the digests are of the file as it is kept.
    """

    def __init__(self) -> None:
        self._file = hashlib.sha256()
        self._data_set = hashlib.sha256()
        self._head = bytearray()
        self._data_set_found = False

    def clean(self, chunk: bytes | bytearray | memoryview) -> memoryview:
        """Take the next chunk; returns it as it is to be kept."""
        passed = len(self._head)
        chunk = memoryview(chunk)  # parts of it are not copied
        if passed < PREFIX_OFFSET:
            chunk = _zeroed(chunk, PREFIX_OFFSET - passed)
        self._file.update(chunk)
        missing = _HEAD_BYTES - passed
        if missing > 0:
            self._head += chunk[:missing]
            if len(self._head) == _HEAD_BYTES:
                self._find_data_set()
        if self._data_set_found:
            self._data_set.update(chunk[max(missing, 0) :])
        return chunk

    @property
    def sha256(self) -> str:
        """Digest of the whole file, in hexadecimal."""
        return self._file.hexdigest()

    def data_set_sha256(self, read_again: Callable[[], BinaryIO]) -> str:
        """Digest of the bytes behind the file meta group, in hexadecimal, once the file is whole.

        Files that are very short, or have a very long file meta group, are read again for it.

        Raises:
            Part10Error: there is no file meta group.
        """
        if self._data_set_found:
            return self._data_set.hexdigest()
        with read_again() as stream:
            _meta, _syntax, offset = read_file_meta(Window(stream))
            stream.seek(offset)
            while block := stream.read(_BLOCK_BYTES):
                self._data_set.update(block)
        self._data_set_found = True
        return self._data_set.hexdigest()

    def _find_data_set(self) -> None:
        try:
            offset = _data_set_offset(self._head)
        except Part10Error:
            return
        if offset + SHORTEST_ELEMENT <= len(self._head):  # else the group may go on behind the head
            self._data_set_found = True
            self._data_set.update(self._head[offset:])


def _data_set_offset(head: bytearray) -> int:
    try:
        return usual_file_meta(head)[1]
    except UnusualError:
        return read_file_meta(Window(BytesIO(head)))[2]


def _zeroed(chunk: memoryview, length: int) -> memoryview:
    """The chunk with its first `length` bytes zeroed; the same object where they are zero already."""
    length = min(length, len(chunk))
    if not any(chunk[:length]):
        return chunk
    return memoryview(bytes(length) + bytes(chunk[length:]))
