"""How many photos are worked on at one time, so that memory stays bounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

LARGE_PIXELS = 50_000_000
"""Pictures above this are worked on one at a time: each takes hundreds of megabytes."""


class Turns:
    """A bounded number of photos at a time, only one of them large."""

    def __init__(self, most: int) -> None:
        self._slots = BoundedSemaphore(most)
        self._large = Lock()

    @contextmanager
    def take(self, pixels: int) -> Iterator[None]:
        """Wait for a turn to work on a picture of so many pixels, those of all its frames together."""
        if pixels <= LARGE_PIXELS:
            with self._slots:
                yield
            return
        # The large ones queue outside the slots, so that they do not keep small ones waiting.
        with self._large, self._slots:
            yield
