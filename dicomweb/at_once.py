"""Answers made on the thread of the event loop itself, where that is short.

A visit to a worker thread costs some 200 microseconds: more than most of what is then done there. So what is asked for
most is first tried in place, under a bound: what turns out to take longer is given up there and begun anew in a worker
thread. Where the loop was held up nevertheless (a slow disk, much to compute), the next ones go to worker threads for a
while, the longer the longer it was, so that at most a few hundredths of the loop's time are lost.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from resource import RUSAGE_THREAD, getrusage
from typing import Final, NamedTuple, ParamSpec, TypeVar

from dicomweb.workers import in_worker

LONGEST_SECONDS: Final = 0.005
"""What an answer may take on the loop."""

FEW: Final = 20
"""Instances that an answer made on the loop holds."""

FEW_MATCHES: Final = 128
"""Matches that one holds: each takes a fiftieth of a millisecond, and viewers ask for a hundred at a time."""

_REST: Final = 50
"""How many times as long as it held the loop up an answer of a kind is not tried there again."""
_CLOSED_SECONDS: Final = 0.25
_MOST_GIVEN_UP: Final = 16
"""Turns given up one after the other, before none is tried for `_CLOSED_SECONDS`."""

P = ParamSpec("P")
T = TypeVar("T")

Turn = Callable[[], AbstractContextManager[None]]
"""Opens a block on the loop's thread in which the archive's methods, instead of blocking, raise TakesLongerError.

What such a block was given up for has not happened: nothing is entered in any trail for it.
"""


class TakesLongerError(Exception):
    """What is done in a short block would take longer, or might; it is to be begun anew elsewhere."""


_here = threading.local()


def _ends_at() -> float | None:
    """When the block this thread is in has to end, by the monotonic clock; None where it is in none."""
    return getattr(_here, "ends_at", None)


def is_short() -> bool:
    """Whether this thread is in a block that has to be short."""
    return _ends_at() is not None


def takes_longer() -> None:
    """Said before what may block or needs long: raises TakesLongerError in a block that has to be short."""
    if is_short():
        raise TakesLongerError


def goes_on() -> None:
    """Said between pieces of work: raises TakesLongerError in a block that has to be short and has been long enough."""
    ends_at = _ends_at()
    if ends_at is not None and time.monotonic() > ends_at:
        raise TakesLongerError


class _Used(NamedTuple):
    """What this thread has used so far: seconds of the processor, and how often it waited for a disk."""

    seconds: float
    waits: int

    def is_long_after(self, before: "_Used") -> bool:
        """Whether the thread held itself up since; else others had the processor."""
        return self.waits > before.waits or self.seconds - before.seconds > LONGEST_SECONDS / 2


def _used() -> _Used:
    usage = getrusage(RUSAGE_THREAD)  # its own times come in steps of the system's tick
    return _Used(time.thread_time(), usage.ru_inblock + usage.ru_majflt)


class ShortWay:
    """The way one kind of answer goes: on the loop where it is short, else by a worker thread.

    Args:
        turn: see `Turn`; without it every answer goes by a worker thread.
    """

    def __init__(self, turn: Turn | None) -> None:
        self._turn = turn
        self._closed_until = 0.0
        self._last_slow = 0.0
        self._given_up = 0

    async def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Call a function that changes nothing; where it has to be given up it is called once more."""
        started = time.monotonic()
        if self._turn is not None and started >= self._closed_until:
            used = _used()
            try:
                with self._turn():
                    answer = _shortly(function, *arguments, **named)
            except TakesLongerError:
                self._was_given_up()
            else:
                self._given_up = 0
                return answer
            finally:
                ended = time.monotonic()
                if ended - started > LONGEST_SECONDS and _used().is_long_after(used):
                    self._was_slow(ended, ended - started)
        return await in_worker(function, *arguments, **named)

    def _was_given_up(self) -> None:
        """What is given up every time (large objects, a file system that cannot tell) is not tried every time."""
        self._given_up += 1
        if self._given_up >= _MOST_GIVEN_UP:
            self._given_up = 0
            self._closed_until = time.monotonic() + _CLOSED_SECONDS

    def _was_slow(self, now: float, seconds: float) -> None:
        """Once in a while anything is: a garbage collection, say. Soon again, and it is no chance."""
        if now - self._last_slow < _REST * seconds:
            self._closed_until = now + _REST * seconds
        self._last_slow = now


def _shortly(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    _here.ends_at = time.monotonic() + LONGEST_SECONDS
    try:
        return function(*arguments, **named)
    finally:
        _here.ends_at = None
