"""Inserting a row unless another, perhaps of a transaction still going on, has its identity."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gateway.database import Base


def insert_unless_there(
    session: Session, row_class: type[Base], identity: tuple[str, ...], values: Mapping[str, Any]
) -> int | None:
    """Insert a row and return its id; None where a row has the same `identity` columns (a unique constraint).

    On PostgreSQL this waits for a transaction that is just inserting the same, so None means: it is there to read.
    """
    statement = _statement(session.get_bind().dialect.name, row_class, identity)
    row_id: int | None = session.execute(statement, dict(values)).scalar_one_or_none()
    return row_id


def insert_rows(session: Session, row_class: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, past the mapper: nothing is to be known of them afterwards."""
    if rows:
        session.execute(insert(_table(row_class)), [dict(row) for row in rows])


# Built once: to build it for each row would take longer than to run it.
@lru_cache(maxsize=32)
def _statement(dialect: str, row_class: type[Base], identity: tuple[str, ...]) -> Executable:
    table = _table(row_class)
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=identity).returning(table.c.id)
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=identity).returning(table.c.id)


def _table(row_class: type[Base]) -> Table:
    table = row_class.__table__
    assert isinstance(table, Table)
    return table
