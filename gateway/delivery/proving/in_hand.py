"""What is being proved at this moment, kept from others for as long as that takes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from gateway.database import Database, UnitOfWork

Renewal = Callable[[UnitOfWork, datetime, datetime], None]
"""Moves what is taken until the first moment on to the second; what is not taken until then any more stays as it is."""


@dataclass(slots=True)
class _Hold:
    renewal: Renewal
    until: datetime


class InHand:
    """One thread says what it holds, another renews that. Where the process dies, others take it when its time is over.

    Neither may be within a unit of work of its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._holds: list[_Hold] = []

    @contextmanager
    def holding(self, renewal: Renewal, until: datetime) -> Iterator[None]:
        """Within the block something is held that was taken until then."""
        hold = _Hold(renewal, until)
        with self._lock:
            self._holds.append(hold)
        try:
            yield
        finally:
            with self._lock:
                self._holds.remove(hold)

    def renew(self, until: datetime) -> None:
        """Keep what is held until then."""
        with self._lock:
            if not self._holds:
                return
            with self._database.write() as unit_of_work:
                for hold in self._holds:
                    hold.renewal(unit_of_work, hold.until, until)
            for hold in self._holds:
                hold.until = until
