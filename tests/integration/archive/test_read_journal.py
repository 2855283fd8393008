"""Reads are entered in a journal first: every one comes into the trail, and once, whatever dies when."""

import fcntl
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from dicomweb.at_once import TakesLongerError
from gateway.access.audit import Action, Outcome
from gateway.access.tables import AuditRow
from gateway.archive import read_journal
from gateway.archive.read_journal import JournaledReads, recover
from gateway.database import Database, now
from gateway.events.tables import SequenceRow
from tests.integration.archive.acts import HERE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of journals."""
    return tmp_path / "audit"


@pytest.fixture
def reads(database: Database, folder: Path) -> Iterator[JournaledReads]:
    """An open journal."""
    made = JournaledReads(database, folder)
    yield made
    made.close()


def enter(reads: JournaledReads, *subjects: str) -> None:
    for subject in subjects:
        reads.enter(HERE, Action.ACCESSED, subject=subject, detail={"instances": 1})


def subjects(database: Database, prefix: str) -> list[str]:
    with database.read() as session:
        query = select(AuditRow.subject).where(AuditRow.subject.like(f"{prefix}%")).order_by(AuditRow.number)
        return list(session.scalars(query))


def noted(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(SequenceRow.name).where(SequenceRow.name.like("reads:%"))))


def left_by_the_dead(folder: Path, *journals: bytes) -> None:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(journals):
        (folder / f"{number:016x}.reads").write_bytes(text)


def lines_of(database: Database, folder: Path, *entered: str) -> bytes:
    """What a process writes for these."""
    reads = JournaledReads(database, folder)
    enter(reads, *entered)
    (path,) = folder.glob("*.reads")
    text = path.read_bytes()
    os.truncate(path, 0)
    reads.close()
    return text


def test_an_entry_is_in_the_file_before_it_is_in_the_trail(
    database: Database, folder: Path, reads: JournaledReads
) -> None:
    begun = now()
    reads.enter(
        HERE, Action.QUERIED, subject="first.study", outcome=Outcome.MINOR_FAILURE, detail={"keys": ["00100010"]}
    )
    (path,) = folder.glob("*.reads")
    assert b"first.study" in path.read_bytes()
    assert subjects(database, "first.") == []
    reads.move()
    with database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.subject == "first.study")).one()
    assert (row.action, row.outcome, row.caller_id, row.hospital_id) == (Action.QUERIED, 4, HERE.id, "here")
    assert row.detail == {"keys": ["00100010"]}
    assert begun <= row.at <= now()


def test_a_short_turn_enters_at_its_end_and_nothing_where_it_is_given_up(
    database: Database, folder: Path, reads: JournaledReads
) -> None:
    turns = database.short_turns
    if turns is None:
        pytest.skip("only SQLite is read in short turns")
    (path,) = folder.glob("*.reads")

    with pytest.raises(TakesLongerError), turns.turn():
        _enter_and_give_up(reads, "turn.given-up")
    with turns.turn():
        enter(reads, "turn.done")
        assert path.read_bytes() == b""
    assert b"turn.done" in path.read_bytes()

    reads.move()
    assert subjects(database, "turn.") == ["turn.done"]


def test_a_turn_whose_entry_cannot_be_written_is_given_up(database: Database, reads: JournaledReads) -> None:
    turns = database.short_turns
    if turns is None:
        pytest.skip("only SQLite is read in short turns")
    reads.close()  # nothing is written to the file any more

    with pytest.raises(TakesLongerError), turns.turn():
        enter(reads, "unwritten.in-turn")
    enter(reads, "unwritten.anew")

    assert subjects(database, "unwritten.") == ["unwritten.anew"]


def _enter_and_give_up(reads: JournaledReads, subject: str) -> None:
    enter(reads, subject)
    raise TakesLongerError


def test_moving_twice_enters_once(database: Database, reads: JournaledReads) -> None:
    enter(reads, "twice.1")
    reads.move()
    reads.move()
    enter(reads, "twice.2")
    reads.move()
    assert subjects(database, "twice.") == ["twice.1", "twice.2"]


def test_closing_moves_the_rest_and_leaves_nothing(database: Database, folder: Path) -> None:
    reads = JournaledReads(database, folder)
    enter(reads, "closing.1")
    reads.close()
    assert subjects(database, "closing.") == ["closing.1"]
    assert list(folder.iterdir()) == []
    assert noted(database) == []


def test_what_comes_after_the_close_goes_into_the_trail_by_itself(database: Database, folder: Path) -> None:
    reads = JournaledReads(database, folder)
    reads.close()
    enter(reads, "late.1")
    assert subjects(database, "late.") == ["late.1"]


def test_journals_of_the_dead_are_moved_and_those_of_the_living_left(
    database: Database, folder: Path, reads: JournaledReads
) -> None:
    text = lines_of(database, folder.with_name("other"), "dead.1", "dead.2")
    left_by_the_dead(folder, text)
    enter(reads, "living.1")
    recover(database, folder)
    assert subjects(database, "dead.") == ["dead.1", "dead.2"]
    assert subjects(database, "living.") == []
    assert len(list(folder.iterdir())) == 1


def test_what_died_between_the_transaction_and_the_removal_is_not_entered_again(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_the_dead(folder, lines_of(database, folder.with_name("other"), "once.1"))
    with monkeypatch.context() as patched:
        patched.setattr(read_journal, "_forget", lambda *_: None)
        recover(database, folder)
    assert len(list(folder.iterdir())) == 1
    recover(database, folder)
    assert subjects(database, "once.") == ["once.1"]
    assert list(folder.iterdir()) == []
    assert noted(database) == []


def test_damaged_lines_are_left_out_and_what_follows_is_entered(database: Database, folder: Path) -> None:
    first, second = (lines_of(database, folder.with_name(name), f"torn.{name}") for name in ("a", "b"))
    left_by_the_dead(folder, first + b"\0" * 64 + b"\n" + first[:20] + b"\n[1,2]\n" + second + second[:30])
    recover(database, folder)
    assert subjects(database, "torn.") == ["torn.a", "torn.b"]
    assert list(folder.iterdir()) == []


def test_a_journal_that_grew_long_gets_a_successor(
    database: Database, folder: Path, reads: JournaledReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_journal, "_LONGEST_FILE_BYTES", 1)
    (before,) = folder.iterdir()
    enter(reads, "long.1")
    reads.move()
    enter(reads, "long.2")
    (after,) = folder.iterdir()
    assert before != after
    reads.move()
    assert subjects(database, "long.") == ["long.1", "long.2"]


@pytest.mark.parametrize("step", ["_move", "_forget"])
@pytest.mark.parametrize("by_closing", [False, True])
def test_a_succession_that_failed_half_way_is_ended_the_next_time(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, by_closing: bool
) -> None:
    reads = JournaledReads(database, folder)
    prefix = f"halfway.{step}.{by_closing}."
    early, late = f"{prefix}early", f"{prefix}late"
    real_move = read_journal._move
    moves = 0

    def move(database: Database, path: Path, known: int) -> int:
        nonlocal moves
        moves += 1
        if moves == 2 and step == "_move":
            raise OSError("away")
        moved = real_move(database, path, known)
        if moves == 1:
            enter(reads, late)
        return moved

    def fail_once(*arguments: Any) -> Any:
        monkeypatch.setattr("gateway.archive.read_journal.delete", delete)
        raise OSError("away")

    monkeypatch.setattr(read_journal, "_LONGEST_FILE_BYTES", 1)
    monkeypatch.setattr(read_journal, "_move", move)
    if step == "_forget":
        monkeypatch.setattr("gateway.archive.read_journal.delete", fail_once)
    enter(reads, early)
    with pytest.raises(OSError, match="away"):
        reads.move()
    if not by_closing:
        reads.move()
        assert subjects(database, prefix) == [early, late]
        assert len(list(folder.iterdir())) == 1
    reads.close()
    assert subjects(database, prefix) == [early, late]
    assert list(folder.iterdir()) == []
    assert noted(database) == []


@pytest.mark.peer
def test_two_who_move_the_same_file_enter_its_lines_once(
    migrated_postgres: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = JournaledReads(migrated_postgres, folder)
    enter(reads, "both.1")
    reads.move()
    enter(reads, "both.2")
    (path,) = folder.glob("*.reads")
    noting, go_on = threading.Event(), threading.Event()
    real = read_journal._note

    def note(*arguments: Any, **named: Any) -> None:
        real(*arguments, **named)
        noting.set()
        assert go_on.wait(10)

    monkeypatch.setattr(read_journal, "_note", note)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(read_journal._move, migrated_postgres, path, 0)
        assert noting.wait(10)
        second = pool.submit(read_journal._move, migrated_postgres, path, 0)
        wait([second], 0.3)
        go_on.set()
    assert first.result() == second.result() == path.stat().st_size
    reads.close()
    assert subjects(migrated_postgres, "both.") == ["both.1", "both.2"]


def test_many_readers_are_entered_while_entries_are_moved(
    database: Database, reads: JournaledReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_journal, "_LONGEST_FILE_BYTES", 2000)
    expected = [f"many.{number}" for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(enter, reads, subject) for subject in expected]
        while not all(one.done() for one in work):
            reads.move()
        reads.move()
    assert sorted(subjects(database, "many.")) == sorted(expected)


def test_a_full_disk_sends_the_entry_to_the_trail(
    database: Database, reads: JournaledReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, text: real(descriptor, text[:7]))
        enter(reads, "full.1")
    assert subjects(database, "full.") == ["full.1"]
    enter(reads, "full.2")
    reads.move()
    assert subjects(database, "full.") == ["full.1", "full.2"]


def test_without_file_and_trail_a_read_is_refused(
    database: Database, reads: JournaledReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(os, "write", refuse)
    monkeypatch.setattr("gateway.archive.read_audit.audit", fail)
    with pytest.raises(OperationalError):
        enter(reads, "refused.1")


def test_a_journal_somebody_holds_is_passed_by(database: Database, folder: Path) -> None:
    left_by_the_dead(folder, lines_of(database, folder.with_name("other"), "held.1"))
    (path,) = folder.iterdir()
    held: BinaryIO
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        recover(database, folder)
    assert subjects(database, "held.") == []
    recover(database, folder)
    assert subjects(database, "held.") == ["held.1"]
