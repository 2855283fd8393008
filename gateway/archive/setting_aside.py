"""What is known of the many objects of one request, put into a file where memory would not hold it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import orjson

from dicomweb.archive import Span
from gateway.archive.errors import StorageError
from gateway.archive.staging import StagedObject

HELD_BYTES = 32 * 1024 * 1024
"""Headers and layouts of one request that stay in memory."""


class SettingAside:
    """Headers and layouts of staged objects; those past `HELD_BYTES` lie in a file until they are wanted.

    Args:
        open_file: opens the file, which is gone when it is closed; may raise OSError.
    """

    def __init__(self, open_file: Callable[[], BinaryIO]) -> None:
        self._open_file = open_file
        self._file: BinaryIO | None = None
        self._held = 0
        self._size = 0
        self._places: dict[str, Span] = {}

    def add(self, staged: StagedObject) -> None:
        """Take an object into account; its header and layout may be empty afterwards, see `whole`.

        Raises:
            StorageError: there is no room for them.
        """
        self._held += staged.memory_bytes
        if self._held <= HELD_BYTES:
            return
        self._held -= staged.memory_bytes
        text = orjson.dumps([staged.header, staged.layout])
        try:
            if self._file is None:
                self._file = self._open_file()
            self._file.seek(self._size)
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise StorageError("what is known of the objects could not be kept until the end") from error
        self._places[staged.object_key] = Span(self._size, len(text))
        self._size += len(text)
        staged.header, staged.layout = {}, {}

    @contextmanager
    def whole(self, staged: StagedObject) -> Iterator[None]:
        """The object has its header and layout as long as the block lasts."""
        place = self._places.get(staged.object_key)
        if place is None:
            yield
            return
        assert self._file is not None
        self._file.seek(place.offset)
        staged.header, staged.layout = orjson.loads(self._file.read(place.length))
        try:
            yield
        finally:
            staged.header, staged.layout = {}, {}

    def close(self) -> None:
        """Give the file up."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
