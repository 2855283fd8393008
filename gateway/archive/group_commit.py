"""Store requests that come while one is being committed go together into the next transaction of SQLite.

SQLite has one writer, and what a commit costs is waiting for the disk: eight clients that store at the same time share
that. PostgreSQL commits many transactions with one write by itself.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.database import Database, UnitOfWork

Work = Callable[[UnitOfWork], None]
"""What one request does in the transaction. It may be done again in another one where the first came to nothing."""

MOST_OBJECTS = 200
"""Objects in a transaction of several requests: nobody else writes while it lasts."""


@dataclass(slots=True)
class _Entry:
    work: Work
    objects: int
    done: bool = False
    error: Exception | None = field(default_factory=lambda: RuntimeError("the commit was broken off"))


class GroupCommit:
    """Commits the work of requests; safe for use by many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Entry] = deque()
        self._turn = threading.Lock()

    def run(self, work: Work, objects: int) -> None:
        """Do the work of a request with so many objects in a unit of work; returns when that is durable.

        Raises what the work or the commit raised; of a failed commit nobody knows what stands.
        """
        if not self._database.is_sqlite:
            self._alone(work)
            return
        entry = _Entry(work, objects)
        self._waiting.append(entry)
        with self._turn:
            while not entry.done:
                self._commit(self._next())
        if entry.error is not None:
            raise entry.error

    def _next(self) -> list[_Entry]:
        """Those who wait, in the order they came; at least one. Only for whose turn it is."""
        group = [self._waiting.popleft()]
        objects = group[0].objects
        while self._waiting and objects + self._waiting[0].objects <= MOST_OBJECTS:
            group.append(self._waiting.popleft())
            objects += group[-1].objects
        return group

    def _commit(self, group: list[_Entry]) -> None:
        is_working = True
        try:
            with self._database.write() as unit_of_work:
                for entry in group:
                    entry.work(unit_of_work)
                is_working = False
            for entry in group:
                entry.error = None
        except Exception as error:  # noqa: BLE001 - each of those who wait is told, in `run`
            # One request's fault is not the others'. A commit that failed may have been one: it is never repeated.
            if is_working and len(group) > 1:
                for entry in group:
                    self._commit([entry])
            else:
                for entry in group:
                    entry.error = error
        finally:
            for entry in group:
                entry.done = True

    def _alone(self, work: Work) -> None:
        with self._database.write() as unit_of_work:
            work(unit_of_work)
