"""The database behind the gateway: one engine, read transactions, and the unit of work every change goes through."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

SQLITE_BUSY_SECONDS = 30


class DatabaseError(Exception):
    """The database cannot be used as it is."""


class Base(DeclarativeBase):
    """Parent of every table; each capability keeps its own in its `tables` module."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused, on SQLite too, which has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be kept")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to an aware value in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""A numbered primary key; SQLite numbers rows by itself only where the type is INTEGER to the letter."""


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class UnitOfWork:
    """One write transaction: everything done through it is committed together or not at all.

    `before_commit` steps run last inside the transaction, once each; `after_commit` steps run only when it is
    durable and must not fail. Both keep their order.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._before: dict[object, Callable[[], None]] = {}
        self._after: list[Callable[[], None]] = []

    def before_commit(self, key: object, step: Callable[[], None]) -> None:
        """Run `step` as the transaction's end; a second step under the same key is not added."""
        self._before.setdefault(key, step)

    def after_commit(self, step: Callable[[], None]) -> None:
        """Run `step` once the transaction is durable."""
        self._after.append(step)

    def commit(self) -> None:
        """Finish the transaction."""
        self.session.flush()
        for step in self._before.values():
            step()
        self.session.commit()
        for step in self._after:
            step()


class Database:
    """An engine on SQLite (write-ahead log, fully synced) or PostgreSQL, chosen by its address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        # SQLite has one writer: threads of this process queue here, in turn, instead of polling a busy file.
        self._writer = threading.Lock() if self.is_sqlite else None
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        with Session(self.engine) as session:
            yield session
            session.rollback()

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """A unit of work, committed when the block ends well and rolled back when it raises."""
        if self._writer is None:
            with self._unit_of_work() as unit_of_work:
                yield unit_of_work
        else:
            with self._writer, self._unit_of_work() as unit_of_work:
                yield unit_of_work

    @contextmanager
    def _unit_of_work(self) -> Iterator[UnitOfWork]:
        with Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                # IMMEDIATE: a read that later writes could find its snapshot stale (SQLITE_BUSY_SNAPSHOT).
                session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            unit_of_work = UnitOfWork(session)
            yield unit_of_work
            unit_of_work.commit()

    def ping(self) -> None:
        """Raise DatabaseError when the database does not answer."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise DatabaseError(f"the database does not answer: {type(error).__name__}") from error

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise DatabaseError("sqlite needs a file: sqlite:///folder/name.db")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
        pool_size=16,
        max_overflow=32,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own BEGIN comes too late and never IMMEDIATE; the "begin" listener below sends ours.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=268435456"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql_engine(url: str) -> Engine:
    return create_engine(url, pool_size=16, max_overflow=32, pool_pre_ping=True)
