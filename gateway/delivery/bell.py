"""Waking the couriers of this process when something was queued; those of others look for themselves."""

import threading
from collections.abc import Iterable


class Bell:
    """Counts rings for each name, so that a ring between looking and waiting is never missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings: dict[str, int] = {}

    def ring(self, names: Iterable[str]) -> None:
        """Wake whoever waits for one of the names."""
        with self._condition:
            for name in names:
                self._rings[name] = self._rings.get(name, 0) + 1
            self._condition.notify_all()

    def rings(self, name: str) -> int:
        """How often it rang for this name so far."""
        with self._condition:
            return self._rings.get(name, 0)

    def wait(self, name: str, heard: int, timeout_seconds: float) -> None:
        """Return when it rang more often than `heard`, or after the time is over."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings.get(name, 0) > heard, timeout_seconds)


QUEUED = Bell()
"""Rung after each commit that queued something. One for the process: a ring too many costs a look at the table, and
whoever queues need not be handed the worker, which may run in another process."""
