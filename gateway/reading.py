"""Statements of SQL text, past SQLAlchemy's sessions: for what is done thousands of times a second.

A session costs some 190 microseconds of CPU before its first row, a statement of SQLite's own driver 4. Statements
write `?` for each value and hold neither a `?` nor a `%` of their own.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Row = tuple[Any, ...]

MAPPED = "mmap_size=2147418112"
"""Pragma: how much of SQLite's file is read as memory, the most it allows; it takes addresses and no memory."""


class Reader(Protocol):
    """Statements that see one state of the database; for the thread that opened it."""

    @property
    def is_sqlite(self) -> bool:
        """Whether SQLite is asked, else PostgreSQL."""

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Every row; columns as the driver gives them.

        Raises:
            sqlalchemy.exc.DBAPIError: as a session would, without the values.
        """


class ConnectionReader:
    """Statements by a connection of SQLAlchemy, in the transaction it is in; they may also change something."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Every row."""
        text = statement if self.is_sqlite else _postgresql(statement)
        result = self._connection.exec_driver_sql(text, tuple(values))
        return [tuple(row) for row in result] if result.returns_rows else []


class SqliteReader:
    """Statements by a connection of the pool with SQLite's driver alone, in the transaction it is in."""

    is_sqlite = True

    def __init__(self, connection: PoolProxiedConnection) -> None:
        self.connection = connection
        self._cursor: sqlite3.Cursor = connection.cursor()  # type: ignore[assignment]  # the driver is known here

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is begun that has not ended."""
        return self._cursor.connection.in_transaction

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Every row."""
        try:
            return self._cursor.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _told(statement, error) from error


class SqliteReaders:
    """Readers with SQLite's driver alone, on connections of the engine's pool that are kept.

    Some `MOST_IDLE` stay open for the readers to come: to take one from the engine's pool for each reader and give it
    back costs twice of what is then asked.
    """

    MOST_IDLE = 8

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[SqliteReader] = deque()

    @contextmanager
    def open(self) -> Iterator[Reader]:
        """A reader for this thread; what it reads is one state."""
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = SqliteReader(self._engine.raw_connection())
        try:
            reader.all("BEGIN")
            yield reader
            reader.connection.rollback()
        except BaseException:
            reader.connection.close()  # the pool ends the transaction, and knows what became of the connection
            raise
        if len(self._idle) < self.MOST_IDLE:
            self._idle.append(reader)
        else:
            reader.connection.close()

    def close(self) -> None:
        """Give the connections back."""
        while self._idle:
            self._idle.pop().connection.close()


@contextmanager
def connection_reader(engine: Engine) -> Iterator[Reader]:
    """A reader on any engine."""
    with engine.connect() as connection:
        yield ConnectionReader(connection)


def statements_of(session: Session) -> Reader:
    """Statements inside a session's transaction, which may also change something; what waits in it goes before."""
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return SqliteReader(connection.connection)
    return ConnectionReader(connection)


def places(values: Sequence[object]) -> str:
    """`(?, ?, ?)`: the right side of IN for so many values, at least one."""
    return f"({', '.join('?' * len(values))})"


def moment(value: datetime | str) -> datetime:
    """A `UtcDateTime` column as aware time in UTC, whichever driver gave it."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def kept_moment(value: datetime, *, sqlite: bool) -> datetime | str:
    """Aware time as a `UtcDateTime` column keeps it."""
    utc = value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds") if sqlite else utc


def _told(statement: str, error: sqlite3.Error) -> BaseException:
    return DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True)


@lru_cache(maxsize=4096)
def _postgresql(statement: str) -> str:
    """With the places of values as psycopg writes them."""
    return statement.replace("?", "%s")
