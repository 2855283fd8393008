"""Rows as they are inserted and changed by statements of text; their columns are named by us alone."""

from collections.abc import Mapping
from functools import lru_cache

from gateway.inserting import insert_text
from gateway.reading import Reader


def insert_unless_there(
    statements: Reader, table: str, identity: tuple[str, ...], values: Mapping[str, object]
) -> int | None:
    """Insert a row and return its id; None where a row has the same `identity` columns (a unique constraint).

    On PostgreSQL this waits for a transaction that is just inserting the same, so None means: it is there to read.
    """
    rows = statements.all(_insert_unless_there(table, identity, tuple(values)), tuple(values.values()))
    row_id: int | None = rows[0][0] if rows else None
    return row_id


def change_row(statements: Reader, table: str, row_id: int, changes: Mapping[str, object]) -> None:
    """Change columns of one row."""
    statements.all(_update(table, tuple(changes)), (*changes.values(), row_id))


@lru_cache(maxsize=32)
def _insert_unless_there(table: str, identity: tuple[str, ...], columns: tuple[str, ...]) -> str:
    return f"{insert_text(table, columns)} ON CONFLICT ({', '.join(identity)}) DO NOTHING RETURNING id"


@lru_cache(maxsize=256)
def _update(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?"  # noqa: S608 - see module
