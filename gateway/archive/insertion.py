"""Rows as they are inserted and changed by statements of text; their columns are named by us alone."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from gateway.reading import Reader, places

_MOST_ROWS = 50


def insert_unless_there(
    statements: Reader, table: str, identity: tuple[str, ...], values: Mapping[str, object]
) -> int | None:
    """Insert a row and return its id; None where a row has the same `identity` columns (a unique constraint).

    On PostgreSQL this waits for a transaction that is just inserting the same, so None means: it is there to read.
    """
    rows = statements.all(_insert_unless_there(table, identity, tuple(values)), tuple(values.values()))
    row_id: int | None = rows[0][0] if rows else None
    return row_id


def insert_rows(statements: Reader, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all have the same columns; `_MOST_ROWS` go in one statement."""
    for first in range(0, len(rows), _MOST_ROWS):
        several = rows[first : first + _MOST_ROWS]
        values = tuple(value for row in several for value in row.values())
        statements.all(_insert_several(table, tuple(several[0]), len(several)), values)


def change_row(statements: Reader, table: str, row_id: int, changes: Mapping[str, object]) -> None:
    """Change columns of one row."""
    statements.all(_update(table, tuple(changes)), (*changes.values(), row_id))


@lru_cache(maxsize=32)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places(columns)}"  # noqa: S608 - see module


@lru_cache(maxsize=512)
def _insert_several(table: str, columns: tuple[str, ...], count: int) -> str:
    return _insert(table, columns) + f", {places(columns)}" * (count - 1)


@lru_cache(maxsize=32)
def _insert_unless_there(table: str, identity: tuple[str, ...], columns: tuple[str, ...]) -> str:
    return f"{_insert(table, columns)} ON CONFLICT ({', '.join(identity)}) DO NOTHING RETURNING id"


@lru_cache(maxsize=256)
def _update(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?"  # noqa: S608 - see module
