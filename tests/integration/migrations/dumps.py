"""The fixture databases: SQL dumps of SQLite files as earlier versions left them."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from gateway.database import Database
from gateway.migrations.upgrade import current_revision, upgrade
from tests.fixtures.make_database import DATABASES

DUMPS = sorted(DATABASES.glob("*.sql"))
_OWN_TABLES = {"alembic_version"}


def load(dump: Path, path: Path) -> Database:
    """A SQLite database at `path` with everything the dump holds, at the dump's schema."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text("utf-8"))
    return Database(f"sqlite:///{path}")


def copied(source: Database, url: str) -> Database:
    """A PostgreSQL database with the same rows at the same schema."""
    target = Database(url)
    upgrade(target, current_revision(source))
    tables = _tables(target)
    found = {table.name: table for table in _tables(source)}
    with source.engine.connect() as reading, target.engine.begin() as writing:
        for table in reversed(tables):
            if table.name in {"sequences", "event_followers"}:  # the migrations themselves put rows there
                writing.execute(table.delete())
        for table in tables:
            rows = [_portable(dict(row)) for row in reading.execute(select(found[table.name])).mappings()]
            if rows:
                writing.execute(insert(table), rows)
            _number_on(writing, table)
    return target


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in _tables(database)
        }


def _tables(database: Database) -> list[Table]:
    """The tables as they are in the database, what is referred to before what refers."""
    reflected = MetaData()
    reflected.reflect(database.engine)
    return [table for table in reflected.sorted_tables if table.name not in _OWN_TABLES]


def _portable(row: dict[str, Any]) -> dict[str, Any]:
    """SQLite keeps moments in UTC, without saying so."""
    return {name: _aware(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _number_on(connection: Connection, table: Table) -> None:
    """Let the numbers that PostgreSQL gives by itself go on above those that were copied."""
    for column in table.primary_key.columns:
        names = {"table": table.name, "column": column.name}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar()
        if sequence is not None:
            last = connection.execute(select(func.max(column))).scalar() or 0
            connection.execute(select(func.setval(sequence, last + 1, False)))
