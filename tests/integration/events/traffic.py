"""Writers and readers of numbered rows, for threads and for processes of their own."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from gateway.access.caller import LOCAL_ADMINISTRATOR, Scope
from gateway.database import Database, UnitOfWork
from gateway.events.log import EventType, read, record
from gateway.review.label_feed import read_labels
from gateway.review.labels import add_label

EVERYTHING = Scope(None)
TRANSACTIONS = 12
_PAGE = 7
_LONGEST_PAUSE_SECONDS = 0.005
_GIVE_UP_SECONDS = 60


class Numbered(Protocol):
    """A kind of numbered rows: one of them is added to a unit of work, and all above a number are read."""

    def add(self, unit_of_work: UnitOfWork, mark: str) -> None: ...

    def above(self, session: Session, number: int) -> list[tuple[int, str]]: ...


class Events:
    def add(self, unit_of_work: UnitOfWork, mark: str) -> None:
        record(unit_of_work, EventType.PHOTO_ACCEPTED, hospital="default", subject=mark)

    def above(self, session: Session, number: int) -> list[tuple[int, str]]:
        return [(event.number, event.subject) for event in read(session, EVERYTHING, after=number, limit=_PAGE)]


class Labels:
    def add(self, unit_of_work: UnitOfWork, mark: str) -> None:
        add_label(unit_of_work, LOCAL_ADMINISTRATOR, hospital="default", photo_id=mark, usable=True, reason=None)

    def above(self, session: Session, number: int) -> list[tuple[int, str]]:
        found = read_labels(session, LOCAL_ADMINISTRATOR, after=number, limit=_PAGE)
        return [(label.number, label.photo_id) for label in found]


@dataclass(frozen=True, slots=True)
class Committed:
    """A transaction that was committed: its rows, and when it began and was seen to have ended (monotonic seconds)."""

    marks: Sequence[str]
    began_at: float
    ended_at: float


class _ChangedItsMind(Exception):
    pass


def _change_mind(chance: random.Random) -> None:
    if chance.random() < 0.25:
        raise _ChangedItsMind


def write(database: Database, kind: Numbered, writer: int) -> list[Committed]:
    """Write transactions of different size and length; about one in four is rolled back at its end."""
    chance = random.Random(writer)
    committed: list[Committed] = []
    for transaction in range(TRANSACTIONS):
        marks = [f"{writer}.{transaction}.{place}" for place in range(chance.randint(1, 4))]
        began_at = time.monotonic()
        try:
            with database.write() as unit_of_work:
                for mark in marks:
                    kind.add(unit_of_work, mark)
                    time.sleep(chance.random() * _LONGEST_PAUSE_SECONDS)
                _change_mind(chance)
        except _ChangedItsMind:
            continue
        committed.append(Committed(marks, began_at, time.monotonic()))
    return committed


def follow(database: Database, kind: Numbered, wait_for: Callable[[], bool]) -> list[tuple[int, str]]:
    """Read page by page from the last number seen, until nothing follows after `wait_for` was true."""
    seen: list[tuple[int, str]] = []
    give_up_at = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < give_up_at:
        all_written = wait_for()
        with database.read() as session:
            page = kind.above(session, seen[-1][0] if seen else 0)
        seen += page
        if all_written and not page:
            return seen
    raise TimeoutError("the writers did not come to an end")


def check(committed: Sequence[Committed], readers: Sequence[Sequence[tuple[int, str]]]) -> None:
    """Every reader saw each committed row once, numbered from 1 without a gap, in the order of commits."""
    marks = [mark for transaction in committed for mark in transaction.marks]
    for seen in readers:
        assert [number for number, _ in seen] == list(range(1, len(marks) + 1))
        assert seen == readers[0]
    number_of = {mark: number for number, mark in readers[0]}
    assert set(number_of) == set(marks)
    for transaction in committed:
        first = number_of[transaction.marks[0]]
        assert [number_of[mark] for mark in transaction.marks] == list(range(first, first + len(transaction.marks)))
    for earlier in committed:
        for later in committed:
            if earlier.ended_at < later.began_at:
                assert number_of[earlier.marks[-1]] < number_of[later.marks[0]]
