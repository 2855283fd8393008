"""Inserting a row unless another, perhaps of a transaction still going on, has its identity."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gateway.database import Base


def insert_unless_there(
    session: Session, row_class: type[Base], identity: tuple[str, ...], values: Mapping[str, Any]
) -> int | None:
    """Insert a row and return its id; None where a row has the same `identity` columns (a unique constraint).

    On PostgreSQL this waits for a transaction that is just inserting the same, so None means: it is there to read.
    """
    table = row_class.__table__
    assert isinstance(table, Table)
    if session.get_bind().dialect.name == "sqlite":
        lite = sqlite.insert(table).values(values).on_conflict_do_nothing(index_elements=identity)
        return session.execute(lite.returning(table.c.id)).scalar_one_or_none()
    grown = postgresql.insert(table).values(values).on_conflict_do_nothing(index_elements=identity)
    return session.execute(grown.returning(table.c.id)).scalar_one_or_none()
