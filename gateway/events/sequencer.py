"""Numbers that follow the order of commits, without gaps.

A reader that has seen number N never finds a new row at or below N. A bare database sequence cannot promise that:
its numbers are taken at insert and become visible at commit, so that a slower transaction shows up below a number
already read. Here the numbers of a transaction's rows are taken as its last step, under the lock of the
sequence's one row, which is held until the commit.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gateway.database import Base, UnitOfWork
from gateway.events.tables import SequenceRow

_PENDING = "gateway.events.sequencer"


def append(unit_of_work: UnitOfWork, sequence: str, table: type[Base], values: Mapping[str, Any]) -> None:
    """Insert a row into `table` when the unit of work commits, with its `number` from `sequence`."""
    waiting: dict[str, list[dict[str, Any]]] = unit_of_work.session.info.setdefault(_PENDING, {})
    waiting.setdefault(sequence, []).append(dict(values))
    # Sequences are locked in the order of their first use; two transactions that use several use them alike.
    unit_of_work.before_commit((_PENDING, sequence), lambda: _insert(unit_of_work.session, sequence, table))


def last_number(session: Session, sequence: str) -> int:
    """The highest number given out so far, 0 at first."""
    return session.scalar(select(SequenceRow.last_number).where(SequenceRow.name == sequence)) or 0


def _insert(session: Session, sequence: str, table: type[Base]) -> None:
    rows: list[dict[str, Any]] = session.info[_PENDING].pop(sequence)
    last = session.execute(
        update(SequenceRow)
        .where(SequenceRow.name == sequence)
        .values(last_number=SequenceRow.last_number + len(rows))
        .returning(SequenceRow.last_number)
    ).scalar_one()
    first = last - len(rows) + 1
    session.execute(insert(table), [{**row, "number": first + place} for place, row in enumerate(rows)])
