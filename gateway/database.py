"""The database behind the gateway: one engine, read transactions, and the unit of work every change goes through."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from gateway.reading import MAPPED, Reader, SqliteReaders, connection_reader
from gateway.short_reading import ShortTurns
from gateway.writing import BEGUN, SqliteWriter, Transaction, session_transaction

logger = logging.getLogger(__name__)

SQLITE_BUSY_SECONDS = 30
# recursive_triggers: so that REPLACE, which removes a row first, meets the triggers that guard against that.
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", MAPPED)


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
        if value.utcoffset() is None:
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
    durable, and cannot undo it any more: one that fails is logged and keeps neither the others nor the caller.
    Both keep their order.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.notes: dict[str, Any] = {}
        """What its users keep with it; of SQL, it is the transaction's own."""
        self._before: dict[object, Callable[[], None]] = {}
        self._after: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet what will stand."""
        return self._transaction.is_open

    @property
    def session(self) -> Session:
        """A session inside this transaction; what does without one costs a fraction of it."""
        return self._transaction.session

    @property
    def reader(self) -> Reader:
        """Statements of text inside this transaction."""
        return self._transaction.statements

    def before_commit(self, key: object, step: Callable[[], None]) -> None:
        """Run `step` as the transaction's end; a second step under the same key is not added."""
        self._before.setdefault(key, step)

    def after_commit(self, step: Callable[[], None]) -> None:
        """Run `step` once the transaction is durable; it may open a unit of work of its own."""
        self._after.append(step)

    def commit(self) -> None:
        """Finish the transaction."""
        self._transaction.flush()
        while self._before:  # a step may ask for another one
            self._before.pop(next(iter(self._before)))()
        self._transaction.commit()

    def run_after_commit(self) -> None:
        """Run the steps that waited for the transaction to be durable."""
        steps, self._after = self._after, []  # they hold on to much
        for step in steps:
            try:
                step()
            except Exception:
                # Raising would tell the caller that what is durable has failed.
                logger.exception("a step after a commit failed")


class Database:
    """An engine on SQLite (write-ahead log, fully synced) or PostgreSQL, chosen by its address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        # SQLite has one writer: threads of this process wait here instead of polling a busy file.
        self._writer = threading.Lock() if self.is_sqlite else nullcontext()
        self._of_thread = threading.local()
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._reading = self.engine if self.is_sqlite else _one_state(self.engine)
        self._readers = SqliteReaders(self.engine) if self.is_sqlite else None
        self._writing = SqliteWriter(self.engine) if self.is_sqlite else None
        self.short_turns = ShortTurns(str(make_url(url).database)) if self.is_sqlite else None
        """Reading on an event loop's thread; None where every answer is waited for (PostgreSQL)."""

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing; what it loaded can be used afterwards."""
        with Session(self._reading) as session:
            yield session

    def reader(self) -> AbstractContextManager[Reader]:
        """The same for statements of text: a fraction of a session's cost, for what is asked all the time.

        Inside a short turn of this thread it is the turn's own, which all share.
        """
        shared = self.short_turns.reader if self.short_turns is not None else None
        if shared is not None:
            return nullcontext(shared)
        return self._readers.open() if self._readers is not None else connection_reader(self._reading)

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """A unit of work, committed when the block ends well and rolled back when it raises.

        One in a thread at a time: a second one would wait for the first for ever (RuntimeError).
        """
        with self._alone(), self._transaction() as transaction:
            unit_of_work = UnitOfWork(transaction)
            yield unit_of_work
            unit_of_work.commit()
        unit_of_work.run_after_commit()

    def _transaction(self) -> AbstractContextManager[Transaction]:
        return self._writing.transaction() if self._writing is not None else session_transaction(self.engine)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._of_thread, "writes", False):
            raise RuntimeError("this thread has a unit of work open already: hand that one on")
        self._of_thread.writes = True
        try:
            with self._writer:
                yield
        finally:
            self._of_thread.writes = False

    def ping(self) -> None:
        """Raise DatabaseError when the database does not answer."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            # The words of the driver name hosts and users, which not everybody who asks may read; see fault_words.
            raise DatabaseError(f"the database does not answer: {type(error).__name__}") from error

    def close(self) -> None:
        """Give every connection back."""
        if self._readers is not None:
            self._readers.close()
        if self._writing is not None:
            self._writing.close()
        if self.short_turns is not None:
            self.short_turns.close()
        self.engine.dispose()


def fault_words(error: DatabaseError | SQLAlchemyError) -> str:
    """What is wrong, for who runs the gateway: why there is no connection, but never a statement or its values.

    Of a fault met while connecting these are the driver's own words (server unreachable, no such database, a wrong
    password), which hold no patient data; of any other fault the kind alone is told.
    """
    origin = error if isinstance(error, SQLAlchemyError) else error.__cause__
    if isinstance(origin, OperationalError) and origin.statement is None:
        return f"the database cannot be reached: {origin.orig}"
    if isinstance(error, DatabaseError):
        return str(error)
    return f"the database cannot be used: {type(error).__name__}"


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if not path or path == ":memory:" or path.startswith("file:"):
        raise DatabaseError("sqlite needs a file: sqlite:///folder/name.db")
    _make_file(Path(path))
    engine = create_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
        pool_size=16,
        max_overflow=32,
        hide_parameters=True,  # an error's text repeats no patient
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own BEGIN comes too late and never IMMEDIATE; the "begin" listener below sends ours.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        if cursor.fetchone() != ("wal",):
            raise DatabaseError("SQLite cannot keep a write-ahead log there; is the folder on a network drive?")
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        if mode != BEGUN:
            connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _make_file(path: Path) -> None:
    """Make the file where there is none, not for everybody to read; SQLite gives its log the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640))
    except FileExistsError as error:
        # One that is there is not opened: at the closing this process would lose its locks on it (fcntl(2)), and
        # another process would take the log for left behind.
        if not path.is_file():
            raise DatabaseError(f"the database {path} cannot be opened or made: there is something else") from error
    except OSError as error:
        raise DatabaseError(f"the database {path} cannot be opened or made: {error.strerror}") from error


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=16, max_overflow=32, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "handle_error")
    def _leave_out_details(context: ExceptionContext) -> None:
        # PostgreSQL quotes the row that did not fit ("Failing row contains ...").
        original, told = context.original_exception, context.sqlalchemy_exception
        if isinstance(original, psycopg.Error) and told is not None:
            connecting = context.connection is None and context.statement is None
            words = _connection_words(original) if connecting else original.diag.message_primary
            original.args = (words or "no message",)
            told.args = (f"({type(original).__qualname__}) {original.args[0]}",)

    return engine


def _connection_words(error: psycopg.Error) -> str:
    """The first line that says why; of several addresses tried, the first one's."""
    lines = [line.strip(" -\t") for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.startswith("Multiple connection attempts")), "")


def _one_state(engine: Engine) -> Engine:
    """The same engine for transactions that see one state throughout; by itself each statement sees its own."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
