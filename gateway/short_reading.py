"""Reading SQLite on the thread of the event loop: short turns that are given up rather than hold others up.

All that is read in a turn is one state of the database, by one transaction. A statement that reaches the turn's end is
interrupted; so is one that would have to wait for a lock.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from dicomweb.at_once import LONGEST_SECONDS, TakesLongerError, goes_on
from gateway.reading import MAPPED, Reader, Row

_PRAGMAS = ("query_only=ON", MAPPED)
_OPERATIONS = 1000
"""Steps of SQLite's machine, some 50 microseconds, between two looks at the clock."""


class _ShortReader:
    """One connection, and the turn it is used in."""

    is_sqlite = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.steps: list[Callable[[], None]] = []
        self._cursor = connection.cursor()
        self._ends_at = 0.0
        connection.set_progress_handler(self._is_over, _OPERATIONS)

    def begin(self) -> None:
        self._ends_at = time.monotonic() + LONGEST_SECONDS
        self.steps = []
        self.all("BEGIN")

    def end(self) -> None:
        if self.connection.in_transaction:
            self._cursor.execute("ROLLBACK")  # the driver's own method has it compiled each time

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        goes_on()
        try:
            return self._cursor.execute(statement, values).fetchall()
        except sqlite3.Error as error:  # also a fault: the worker thread that begins anew will meet it, and tell it
            raise TakesLongerError from error

    def _is_over(self) -> bool:
        return time.monotonic() > self._ends_at


class ShortTurns:
    """Turns on an SQLite database; safe for use by the loops of many threads."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: deque[_ShortReader] = deque()
        self._here = threading.local()

    def turn(self) -> AbstractContextManager[None]:
        """One turn of this thread, see `dicomweb.at_once.Turn`; none is opened inside another."""
        return _Turn(self)

    def begin(self) -> _ShortReader:
        """Begin a turn of this thread."""
        reader = self._taken()
        try:
            reader.begin()
        except BaseException:
            self._give_back(reader)
            raise
        self._here.reader = reader
        return reader

    def end(self, reader: _ShortReader, error: type[BaseException] | None) -> None:
        """End it. What was refused in it is entered as well, what was given up is not."""
        try:
            if error is None or not issubclass(error, TakesLongerError):
                for step in reader.steps:
                    step()
        finally:
            self._here.reader = None
            self._give_back(reader)

    @property
    def reader(self) -> Reader | None:
        """The reader of the turn this thread is in."""
        return getattr(self._here, "reader", None)

    def at_end(self, step: Callable[[], None]) -> bool:
        """Leave a step to the end of this thread's turn, which omits it where it is given up; False outside of one."""
        reader: _ShortReader | None = getattr(self._here, "reader", None)
        if reader is None:
            return False
        reader.steps.append(step)
        return True

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().connection.close()

    def _taken(self) -> _ShortReader:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connected()

    def _connected(self) -> _ShortReader:
        try:
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise TakesLongerError from error
        return _ShortReader(connection)

    def _give_back(self, reader: _ShortReader) -> None:
        try:
            reader.end()
        except sqlite3.Error:
            reader.connection.close()
        else:
            self._idle.append(reader)


class _Turn:
    """A turn as a block."""

    def __init__(self, turns: ShortTurns) -> None:
        self._turns = turns

    def __enter__(self) -> None:
        self._reader = self._turns.begin()

    def __exit__(self, error: type[BaseException] | None, *_where: object) -> None:
        self._turns.end(self._reader, error)
