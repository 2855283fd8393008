"""Short turns on SQLite: one state, no waiting, and steps that happen only where the turn was not given up."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dicomweb.at_once import LONGEST_SECONDS, TakesLongerError
from gateway.database import Database
from gateway.short_reading import ShortTurns

_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/short.db")
    with made.write() as unit_of_work:
        unit_of_work.reader.all("CREATE TABLE things (name TEXT)")
    yield made
    made.close()


def _turns(database: Database) -> ShortTurns:
    assert database.short_turns is not None
    return database.short_turns


def _count(database: Database) -> int:
    with database.reader() as reader:
        number: int = reader.all("SELECT count(*) FROM things")[0][0]
        return number


def _left_and_raised(turns: ShortTurns, step: Callable[[], None], error: Exception) -> None:
    turns.at_end(step)
    raise error


def _add(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.reader.all("INSERT INTO things VALUES ('one')")


def test_an_endless_statement_is_interrupted_and_the_next_turn_reads_again(database: Database) -> None:
    started = time.monotonic()
    with pytest.raises(TakesLongerError), _turns(database).turn(), database.reader() as reader:
        reader.all(_ENDLESS)

    assert time.monotonic() - started < LONGEST_SECONDS + 1
    with _turns(database).turn():
        assert _count(database) == 0


def test_a_locked_database_is_not_waited_for(database: Database, tmp_path: Path) -> None:
    database.close()
    other = sqlite3.connect(tmp_path / "short.db", isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("INSERT INTO things VALUES ('one')")

    started = time.monotonic()
    with pytest.raises(TakesLongerError), _turns(database).turn():
        _count(database)

    assert time.monotonic() - started < 1
    other.execute("ROLLBACK")
    other.close()


def test_a_fault_is_left_to_who_begins_anew(database: Database) -> None:
    with pytest.raises(TakesLongerError), _turns(database).turn(), database.reader() as reader:
        reader.all("SELECT nothing FROM nowhere")


def test_all_readers_of_a_turn_see_one_state(database: Database) -> None:
    with _turns(database).turn():
        before = _count(database)
        _add(database)
        assert _count(database) == before
    assert _count(database) == before + 1


def test_a_step_is_done_at_the_end_unless_the_turn_is_given_up(database: Database) -> None:
    turns, done = _turns(database), list[str]()

    with turns.turn():
        assert turns.at_end(lambda: done.append("answered"))
        assert not done
    with pytest.raises(KeyError), turns.turn():
        _left_and_raised(turns, lambda: done.append("refused"), KeyError())
    with pytest.raises(TakesLongerError), turns.turn():
        _left_and_raised(turns, lambda: done.append("given up"), TakesLongerError())

    assert done == ["answered", "refused"]
    assert not turns.at_end(lambda: done.append("outside"))
