"""Transactions that change something, underneath the units of work of `database`.

A session of SQLAlchemy costs more than the rows of most transactions: it is made where it is asked for, and statements
of text do without. SQLite has one writer, so each process writes by one connection that it keeps: what SQLite has read
of the database stays in memory until another process changes it, where another connection would read all of it anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Session

from gateway.reading import Reader, SqliteReader, statements_of

BEGUN = "begun"
"""Execution option of a connection of SQLite on which transactions are begun by statements of text."""


class Transaction(Protocol):
    """One transaction; for the thread that opened it."""

    @property
    def is_open(self) -> bool:
        """Whether it has not come to its end, of whichever kind."""

    @property
    def session(self) -> Session:
        """A session in it, the same each time."""

    @property
    def statements(self) -> Reader:
        """Statements of text in it, which may also change something; what waits in the session goes before.

        Raises sqlalchemy.exc.PendingRollbackError once something that failed has taken the transaction back.
        """

    def flush(self) -> None:
        """Let what waits in the session go."""

    def commit(self) -> None:
        """Make it durable; raises SQLAlchemyError."""


class _SessionTransaction:
    """A session's own transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.is_open = True

    @property
    def statements(self) -> Reader:
        return statements_of(self.session)

    def flush(self) -> None:
        self.session.flush()

    def commit(self) -> None:
        self.session.commit()
        self.is_open = False


@contextmanager
def session_transaction(engine: Engine) -> Iterator[Transaction]:
    """A transaction on any engine, rolled back unless it is committed."""
    with Session(engine, expire_on_commit=False) as session:
        transaction = _SessionTransaction(session)
        try:
            yield transaction
        finally:
            transaction.is_open = False


class _SqliteTransaction:
    """A transaction on the connection that writes."""

    def __init__(self, connection: Connection, statements: SqliteReader) -> None:
        self._connection = connection
        self._statements = statements
        self._session: Session | None = None
        self.is_open = True

    @property
    def session(self) -> Session:
        if self._session is None:
            # Who used it afterwards would write on a connection that is another's turn then: so it ends for good.
            self._session = Session(self._connection, expire_on_commit=False, close_resets_only=False)
            self._session.connection()
        return self._session

    @property
    def statements(self) -> Reader:
        self.flush()
        if not self._statements.in_transaction:  # each statement would be a transaction by itself
            raise PendingRollbackError("the transaction was rolled back by what failed in it: nothing can follow")
        return self._statements

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def commit(self) -> None:
        if self._session is not None:
            self._session.commit()
        else:
            self._statements.all("COMMIT")
        self.is_open = False

    def end(self) -> None:
        """Undo what is not committed."""
        self.is_open = False
        if self._session is not None:
            self._session.close()
        if self._statements.in_transaction:
            self._statements.all("ROLLBACK")


class SqliteWriter:
    """The one connection by which this process writes to SQLite; for one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(sqlite_begin=BEGUN)
        self._kept: tuple[Connection, SqliteReader] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction, rolled back unless it is committed; nobody else's write begins before it ends."""
        connection, statements = self._kept or self._connected()
        self._kept = None
        transaction = _SqliteTransaction(connection, statements)
        try:
            # IMMEDIATE: a read that later writes could find its snapshot stale (SQLITE_BUSY_SNAPSHOT).
            statements.all("BEGIN IMMEDIATE")
            yield transaction
        finally:
            try:
                transaction.end()
            except BaseException:  # what became of the connection is not known: the next transaction has another
                connection.invalidate()
                connection.close()
                raise
            self._kept = connection, statements

    def close(self) -> None:
        """Give the connection back."""
        if self._kept is not None:
            connection, _statements = self._kept
            self._kept = None
            connection.close()

    def _connected(self) -> tuple[Connection, SqliteReader]:
        connection = self._engine.connect()
        return connection, SqliteReader(connection.connection)
