"""Counts the stores under way, so that a provider stops only when each is stored and answered."""

import threading
from collections.abc import Hashable


class InFlight:
    """Stores under way: at most one for each association, from its request until its answer has left."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._storing: set[Hashable] = set()
        self._answering: set[Hashable] = set()
        self._closed = False

    def begin(self, association: Hashable) -> bool:
        """Note that a store begins; return False, and note nothing, where no more may begin."""
        with self._changed:
            if not self._closed:
                self._storing.add(association)
            return not self._closed

    @property
    def is_closed(self) -> bool:
        """Whether no more may begin, so that what is long had better end."""
        return self._closed

    def stored(self, association: Hashable, *, answerable: bool) -> None:
        """Note that the store is done; its answer is still to leave unless nobody is left to take it."""
        with self._changed:
            self._storing.discard(association)
            if answerable:
                self._answering.add(association)
            self._changed.notify_all()

    def answered(self, association: Hashable) -> None:
        """Note that an answer has left, or that its connection is gone."""
        with self._changed:
            self._answering.discard(association)
            self._changed.notify_all()

    def finish(self, timeout_seconds: float) -> bool:
        """Let no more stores begin, and wait for those under way; return whether all came to their end."""
        with self._changed:
            self._closed = True
            return self._changed.wait_for(lambda: not self._storing | self._answering, timeout_seconds)
