"""Counts the stores and questions under way, so that a provider stops only when each is done and answered."""

import threading
from collections.abc import Hashable


class InFlight:
    """What is under way: at most one thing for each association, until its answer has left."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way: set[Hashable] = set()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether no more may begin, so that what is long had better end."""
        return self._closed

    def begin(self, association: Hashable) -> bool:
        """Note that something begins; return False, and note nothing, where no more may begin."""
        with self._changed:
            if not self._closed:
                self._under_way.add(association)
            return not self._closed

    def ended(self, association: Hashable) -> None:
        """Note that it is done, and answered as far as anybody is left to hear it; harmless where nothing was."""
        with self._changed:
            self._under_way.discard(association)
            self._changed.notify_all()

    def finish(self, timeout_seconds: float) -> bool:
        """Let no more begin, and wait for what is under way; return whether all came to its end."""
        with self._changed:
            self._closed = True
            return self._changed.wait_for(lambda: not self._under_way, timeout_seconds)
