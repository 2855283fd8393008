"""Rows inserted by statements of text, for tables written all the time; their columns are named by us alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import orjson

from gateway.reading import Reader, kept_moment, places

_MOST_ROWS = 50


def insert_rows(statements: Reader, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all have the same columns; `_MOST_ROWS` go in one statement.

    Values are as columns of SQL keep them; moments, and objects for columns of JSON, are put so here.
    """
    for first in range(0, len(rows), _MOST_ROWS):
        several = rows[first : first + _MOST_ROWS]
        values = tuple(_kept(value, statements) for row in several for value in row.values())
        statements.all(_insert_several(table, tuple(several[0]), len(several)), values)


@lru_cache(maxsize=128)
def insert_text(table: str, columns: tuple[str, ...]) -> str:
    """The statement for one row."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places(columns)}"  # noqa: S608 - see module


@lru_cache(maxsize=512)
def _insert_several(table: str, columns: tuple[str, ...], count: int) -> str:
    return insert_text(table, columns) + f", {places(columns)}" * (count - 1)


def _kept(value: object, statements: Reader) -> object:
    if isinstance(value, datetime):
        return kept_moment(value, sqlite=statements.is_sqlite)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
