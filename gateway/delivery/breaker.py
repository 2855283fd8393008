"""A circuit breaker for one destination: while it is down, one row at a time finds out whether it is up again."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.delivery.backoff import wait_after

LONGEST_PAUSE_SECONDS = 60.0
"""A probe a minute costs nothing, and nothing waits long for a destination that is up again."""

SILENCES_TOLERATED = 2
"""Instances in a row that got no answer before the destination, not they, is taken to be the trouble."""


@dataclass(frozen=True, slots=True)
class Permit:
    """How many rows may be claimed now (0: none), and whether to find out if the destination is up again."""

    rows: int
    is_probe: bool = False


class Breaker:
    """Shared by the threads of a destination.

    Closed: whole batches go. Open: nothing goes until the pause is over, then one thread at a time gets a probe of a
    single row; its end closes the breaker or begins a longer pause.
    """

    def __init__(
        self,
        first_seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._first_seconds = first_seconds
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._failures = 0
        self._silences = 0
        self._open_until = 0.0
        self._answered_at = float("-inf")
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the destination is taken to be down."""
        return self._failures > 0

    def permit(self, batch: int) -> Permit:
        """What may be claimed now: `batch` rows, one as a probe, or none; `settle` takes every permit back."""
        with self._lock:
            if not self._failures:
                return Permit(batch)
            if self._probing or self._clock() < self._open_until:
                return Permit(0)
            self._probing = True
            return Permit(1, is_probe=True)

    def settle(self, permit: Permit) -> None:
        """The permit is used up; what was learnt has been told by then."""
        if permit.is_probe:
            with self._lock:
                self._probing = False

    def answered(self) -> None:
        """The destination answered an instance, whatever it said."""
        with self._lock:
            self._failures = self._silences = 0
            self._answered_at = self._clock()

    def answered_lately(self) -> bool:
        """Whether the destination has answered some thread within the longest pause, so that it is up."""
        with self._lock:
            return self._clock() - self._answered_at < LONGEST_PAUSE_SECONDS

    def silent(self) -> None:
        """An instance got no answer; several in a row mean that the destination is down."""
        with self._lock:
            self._silences += 1
            if self._silences >= SILENCES_TOLERATED:
                self._open()

    def down(self) -> None:
        """The destination cannot be reached or lets nobody in."""
        with self._lock:
            self._open()

    def pause_seconds(self) -> float:
        """How long until a probe may go; 0 when closed."""
        with self._lock:
            return max(0.0, self._open_until - self._clock()) if self._failures else 0.0

    def _open(self) -> None:
        if self.is_open and self._clock() < self._open_until:
            return  # threads that were under way together fail together: that is one failure
        self._failures += 1
        wait = wait_after(
            self._failures,
            first_seconds=self._first_seconds,
            maximum_seconds=max(LONGEST_PAUSE_SECONDS, self._first_seconds),
            chance=self._chance(),
        )
        self._open_until = self._clock() + wait.total_seconds()
