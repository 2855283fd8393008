"""Conditions as text of SQL: built for every search anew, which takes microseconds where expressions take hundreds.

Only names of our own tables and columns are ever part of a text; what was asked for stands among the values.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition, and the values of its places (`?`) in order."""

    text: str
    values: tuple[object, ...] = ()


NOTHING = Clause("1 = 0")
"""Fulfilled by no row."""


def equals(column: str, values: Sequence[object]) -> Clause:
    """The column has one of the values; there may be none."""
    if not values:
        return NOTHING
    if len(values) == 1:
        return Clause(f"{column} = ?", (values[0],))
    return within(column, listed(values))


def listed(values: Sequence[object]) -> Clause:
    """A list of values; at least one."""
    return Clause(", ".join("?" * len(values)), tuple(values))


def within(column: str, ids: Clause) -> Clause:
    """The column is in a list, or among what a SELECT gives."""
    return Clause(f"{column} IN ({ids.text})", ids.values)


def all_of(clauses: Sequence[Clause]) -> Clause:
    """Every one of them; at least one."""
    return _joined(clauses, " AND ")


def any_of(clauses: Sequence[Clause]) -> Clause:
    """At least one of them."""
    return _joined(clauses, " OR ")


def either(lists: Sequence[Clause]) -> Clause:
    """What at least one of several SELECTs gives, each once."""
    if len(lists) == 1:
        return lists[0]
    text = " UNION ".join(each.text for each in lists)
    return Clause(text, tuple(value for each in lists for value in each.values))


def select(columns: str, source: str, clauses: Sequence[Clause], rest: str = "") -> Clause:
    """`SELECT columns FROM source WHERE every clause rest`; names of ours only, values in the clauses."""
    where = all_of(clauses)
    return Clause(f"SELECT {columns} FROM {source} WHERE {where.text}{rest}", where.values)  # noqa: S608 - see module


def _joined(clauses: Sequence[Clause], word: str) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    text = word.join(clause.text for clause in clauses)
    return Clause(f"({text})", tuple(value for clause in clauses for value in clause.values))
