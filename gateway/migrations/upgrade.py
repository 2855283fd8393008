"""Bringing a database to the schema this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.database import Database, DatabaseError

_MIGRATION_LOCK = 6373117  # any number that nothing else locks


class SchemaOutdated(DatabaseError):
    """The database has another schema than this version needs."""


def upgrade(database: Database, to: str | None = None) -> None:
    """Run every migration the database lacks, in one transaction; `to` names another schema than the newest.

    Raises SchemaOutdated where a newer version made the database, DatabaseError where it does not answer or where the
    rows would not fit together afterwards.
    """
    database.ping()
    to = to or head_revision() or "head"
    if current_revision(database) == to:
        return
    with database.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        if database.is_sqlite:
            _migrate_unguarded(connection, to)
        else:
            # Two processes that start at once: the second waits for the first and then finds nothing to do.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            _migrate(connection, to)
            connection.commit()


def prepare(database: Database) -> None:
    """Make the database fit: SQLite is upgraded by itself, on PostgreSQL SchemaOutdated says what to do."""
    if database.is_sqlite:
        upgrade(database)
        return
    database.ping()
    found, needed = current_revision(database), head_revision()
    _refuse_newer(found)
    if found != needed:
        raise SchemaOutdated(
            f"the database is at schema {found or 'none'}, this version needs {needed}: run `dermgate db upgrade`"
        )


def _migrate(connection: Connection, to: str) -> None:
    _refuse_newer(MigrationContext.configure(connection).get_current_revision())
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _migrate_unguarded(connection: Connection, to: str) -> None:
    """Migrate a SQLite file with its foreign keys unguarded, and commit only if none dangles afterwards.

    SQLite changes a table by copying it and dropping the old one, which a guarded key answers by deleting the rows
    that refer to it. The guard can be switched between transactions only.
    """
    driver = connection.connection.cursor()  # a statement sent past SQLAlchemy begins no transaction
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        _migrate(connection, to)
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if dangling:
            raise DatabaseError(f"after the migration {len(dangling)} rows refer to none; nothing was changed")
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")
        driver.close()


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaOutdated(f"the database is at schema {found}: a newer version made it, and only that can use it")


def current_revision(database: Database) -> str | None:
    """The schema the database has; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """The schema this version needs; None before there is any migration."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
