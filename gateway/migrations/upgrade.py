"""Bringing a database to the schema this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.database import Database, DatabaseError

_MIGRATION_LOCK = 6373117  # any number that nothing else locks


class SchemaOutdated(DatabaseError):
    """The database has another schema than this version needs."""


def upgrade(database: Database) -> None:
    """Run every migration the database lacks, in one transaction."""
    with database.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        # Two processes that start at once: the second waits for the first and then finds nothing to do.
        if not database.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def prepare(database: Database) -> None:
    """Make the database fit: SQLite is upgraded by itself, on PostgreSQL SchemaOutdated says what to do."""
    if database.is_sqlite:
        upgrade(database)
        return
    if (found := current_revision(database)) != (needed := head_revision()):
        raise SchemaOutdated(
            f"the database is at schema {found or 'none'}, this version needs {needed}: run `dermgate db upgrade`"
        )


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
