"""How much of posted bodies is held in memory at one time, and how many photos are worked on."""

import asyncio
from types import TracebackType
from typing import Self

LARGEST_AT_ONCE = 8
"""Forms of the largest size allowed that are held at one time; of small ones there may be many more."""
WORKING_AT_ONCE = 16
"""Posts that may occupy a worker thread; fewer than there are threads, so that others find one."""


class NoRoom(Exception):
    """So much is being uploaded that nothing more is taken at this moment."""


class Hold:
    """What one request holds of the room; given back at the end of the block."""

    def __init__(self, room: "Uploads") -> None:
        self._room = room
        self._bytes = 0

    def add(self, count: int) -> None:
        """Hold some more bytes; raises NoRoom."""
        self._room.take(count)
        self._bytes += count

    def let_go(self, count: int) -> None:
        """Give some bytes back before the end."""
        self._room.give_back(count)
        self._bytes -= count

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._room.give_back(self._bytes)


class Uploads:
    """The room that bodies share; for use on one event loop.

    Room is taken as bytes arrive: somebody who sends slowly takes little, and keeps nobody from posting.
    """

    def __init__(self, max_form_bytes: int) -> None:
        self._left_bytes = LARGEST_AT_ONCE * max_form_bytes
        self.turn = asyncio.Semaphore(WORKING_AT_ONCE)

    def hold(self) -> Hold:
        """Begin to hold."""
        return Hold(self)

    def take(self, count: int) -> None:
        """Take room; raises NoRoom."""
        if count > self._left_bytes:
            raise NoRoom("too much is being uploaded at this moment; post it again")
        self._left_bytes -= count

    def give_back(self, count: int) -> None:
        """Give room back."""
        self._left_bytes += count
