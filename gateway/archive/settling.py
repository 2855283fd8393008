"""Files and index agree: which objects the index names, asked so that no transaction can still change the answer."""

import logging
from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import delete, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gateway.archive.errors import StorageError
from gateway.archive.storage import ObjectStorage
from gateway.archive.tables import RemovedObjectRow, RevisionRow
from gateway.database import Database, UnitOfWork

logger = logging.getLogger(__name__)

_ANNOUNCED = "gateway.archive.announced"
_LOCK = 6373118  # any number that nothing else locks
_PAGE = 500
_LONGEST_WAIT_SECONDS = 60


def announce(unit_of_work: UnitOfWork) -> None:
    """Say that this unit of work is about to name objects.

    A client that dies just after sending COMMIT to PostgreSQL leaves a server that still commits. Whoever then
    asks whether an object is named waits for all announced transactions. SQLite's die with their process.
    """
    statements = unit_of_work.reader
    if not statements.is_sqlite and not unit_of_work.notes.get(_ANNOUNCED):
        statements.all("SELECT pg_advisory_xact_lock_shared(?)", (_LOCK,))
        unit_of_work.notes[_ANNOUNCED] = True


def named_keys(database: Database, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` that a revision names, once every announced transaction has ended.

    Raises sqlalchemy.exc.OperationalError where one goes on for more than a minute.
    """
    left = iter(keys)
    named: set[str] = set()
    with database.read() as session:
        _wait_for_announced(session)
        while page := list(islice(left, _PAGE)):
            named.update(session.scalars(select(RevisionRow.object_key).where(RevisionRow.object_key.in_(page))))
    return frozenset(named)


def sweep(database: Database, storage: ObjectStorage, keys: Sequence[str] | None = None) -> int:
    """Remove the files of removed objects (`keys`: only those) and forget them; returns how many."""
    count = 0
    while page := _removed(database, keys):
        for key in page:
            storage.delete(key)
        with database.write() as unit_of_work:
            unit_of_work.session.execute(delete(RemovedObjectRow).where(RemovedObjectRow.object_key.in_(page)))
        count += len(page)
    return count


def sweep_removed(database: Database, storage: ObjectStorage, keys: Sequence[str]) -> None:
    """Remove objects whose removal is durable; where that fails now, the schedule does it."""
    if not keys:
        return
    try:
        sweep(database, storage, keys)
    except (StorageError, SQLAlchemyError) as error:
        logger.warning("removed objects are not swept yet: %s", type(error).__name__)


def _removed(database: Database, keys: Sequence[str] | None) -> list[str]:
    query = select(RemovedObjectRow.object_key).limit(_PAGE)
    if keys is not None:
        query = query.where(RemovedObjectRow.object_key.in_(keys))
    with database.read() as session:
        return list(session.scalars(query))


def _wait_for_announced(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = '{_LONGEST_WAIT_SECONDS}s'"))
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # Only the wait is wanted: to hold the lock on would hold up every store.
        session.rollback()
