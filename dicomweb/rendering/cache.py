"""Small pictures kept for the next who asks: the dearest to make are asked for most, in lists of studies."""

from collections import OrderedDict
from threading import Lock
from typing import Protocol


class PictureCache(Protocol):
    """Keeps files by a key that names their content; may forget any at any time. Called from many threads.

    Who may see a picture is settled before it is asked for: a key is made of what the archive has shown the caller.
    """

    def get(self, key: str) -> bytes | None:
        """The file, None where it is not kept."""

    def put(self, key: str, data: bytes) -> None:
        """Keep a file, or not."""


class MemoryCache:
    """A cache of at most `max_bytes`; what was not asked for the longest is forgotten first."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._largest = max_bytes // 8
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """The file, None where it is not kept."""
        with self._lock:
            data = self._files.get(key)
            if data is not None:
                self._files.move_to_end(key)
            return data

    def put(self, key: str, data: bytes) -> None:
        """Keep a file, unless it would take more than an eighth of the room."""
        if len(data) > self._largest:
            return
        with self._lock:
            self._left += len(self._files.pop(key, b"")) - len(data)
            self._files[key] = data
            while self._left < 0:
                self._left += len(self._files.popitem(last=False)[1])
