"""Numbers that follow the order of commits, without gaps.

A reader that has seen number N never finds a new row at or below N. A bare database sequence cannot promise that:
its numbers are taken at insert and become visible at commit, so that a slower transaction shows up below a number
already read. Here the numbers of a transaction's rows are taken as its last step, under the lock of the
sequence's one row, which is held until the commit.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.database import Base, UnitOfWork
from gateway.events.tables import SequenceRow
from gateway.inserting import insert_rows
from gateway.reading import Reader

_PENDING = "gateway.events.sequencer"
_Waiting = dict[str, tuple[type[Base], list[dict[str, Any]]]]
"""Rows that wait for their numbers, with their table, by sequence."""


def append(unit_of_work: UnitOfWork, sequence: str, table: type[Base], values: Mapping[str, Any]) -> None:
    """Insert a row into `table` when the unit of work commits, with its `number` from `sequence`."""
    waiting: _Waiting = unit_of_work.notes.setdefault(_PENDING, {})
    waiting.setdefault(sequence, (table, []))[1].append(dict(values))
    unit_of_work.before_commit(_PENDING, lambda: _number_all(unit_of_work))


def last_number(session: Session, sequence: str) -> int:
    """The highest number given out so far, 0 at first."""
    return session.scalar(select(SequenceRow.last_number).where(SequenceRow.name == sequence)) or 0


def _number_all(unit_of_work: UnitOfWork) -> None:
    """Number and insert what waits; sequences are locked in the order of their names, so that nobody deadlocks."""
    waiting: _Waiting = unit_of_work.notes.pop(_PENDING)
    for sequence, (table, rows) in sorted(waiting.items(), key=lambda entry: entry[0]):
        statements = unit_of_work.reader
        first = _take(statements, sequence, len(rows))
        insert_rows(
            statements, table.__tablename__, [{**row, "number": first + place} for place, row in enumerate(rows)]
        )


_TAKE = "UPDATE sequences SET last_number = last_number + ? WHERE name = ? RETURNING last_number"


def _take(statements: Reader, sequence: str, count: int) -> int:
    """Take the next `count` numbers, and with them the sequence's lock; returns the first."""
    last: int = statements.all(_TAKE, (count, sequence))[0][0]
    return last - count + 1
