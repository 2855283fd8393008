"""The database that a command works on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine.url import make_url

from gateway.commands.errors import CommandError
from gateway.config import Settings
from gateway.database import Database, DatabaseError
from gateway.migrations.upgrade import prepare


def absent_file(settings: Settings) -> Path | None:
    """The SQLite file that the settings name and that is not there; raises DatabaseError where that cannot be seen."""
    url = make_url(settings.archive.database)
    if url.get_backend_name() != "sqlite":
        return None
    path = Path(url.database or "")
    try:
        return None if path.exists() else path
    except OSError as error:
        raise DatabaseError(f"the database {path} cannot be opened or made: {error.strerror}") from error


def say_database(settings: Settings) -> None:
    """Tell on stderr which database a command used; an address without its password."""
    url = make_url(settings.archive.database)
    where = Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else url.render_as_string()
    print(f"database: {where}", file=sys.stderr)


@contextmanager
def opened_database(settings: Settings, *, make: bool = False) -> Iterator[Database]:
    """The database of these settings, fit for use, and closed in the end.

    A SQLite file that is not there is made only where `make` says so: an empty one would answer wrongly. Raises
    CommandError where it is not there, DatabaseError.
    """
    if not make and (path := absent_file(settings)):
        raise CommandError(f"there is no database {path.absolute()}: is it the right --config, and did a gateway run?")
    database = Database(settings.archive.database)
    try:
        prepare(database)
        yield database
    finally:
        database.close()
