"""The numbers of events and labels under concurrent writers and readers."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as ProcessEvent
from typing import Any

import pytest

from gateway.database import Database
from gateway.events.sequencer import last_number
from tests.integration.events import traffic
from tests.integration.events.traffic import Committed, Events, Labels, Numbered

WRITERS = 8
READERS = 3


@pytest.mark.parametrize("kind", [Events(), Labels()], ids=["events", "labels"])
def test_no_reader_misses_or_repeats_a_number_under_concurrent_writers(database: Database, kind: Numbered) -> None:
    written = threading.Event()
    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        readers = [pool.submit(traffic.follow, database, kind, written.is_set) for _ in range(READERS)]
        writers = [pool.submit(traffic.write, database, kind, number) for number in range(WRITERS)]
        try:
            committed = [transaction for writer in writers for transaction in writer.result()]
        finally:
            written.set()
        seen = [reader.result() for reader in readers]
    assert len(committed) < WRITERS * traffic.TRANSACTIONS, "some are rolled back"
    traffic.check(committed, seen)


def test_the_same_holds_for_processes_of_their_own(database: Database) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", __name__])
    written = context.Event()

    def start(target: Callable[..., None], *arguments: object) -> "Connection[Any, Any]":
        ours, theirs = context.Pipe(duplex=False)
        context.Process(target=target, args=(theirs, database.url, *arguments), daemon=True).start()
        theirs.close()
        return ours

    readers = [start(_follow_in_a_process, written) for _ in range(READERS)]
    writers = [start(_write_in_a_process, number) for number in range(WRITERS)]
    committed: list[Committed] = [transaction for writer in writers for transaction in writer.recv()]
    written.set()
    traffic.check(committed, [reader.recv() for reader in readers])


def test_a_transaction_that_lasts_longer_is_numbered_when_it_commits(postgresql: Database) -> None:
    with postgresql.write() as slow:
        Events().add(slow, "slow")
        slow.session.flush()
        with ThreadPoolExecutor(1) as other:
            other.submit(_add, postgresql, "quick").result(timeout=10)
        assert _seen(postgresql) == [(1, "quick")]
    assert _seen(postgresql) == [(1, "quick"), (2, "slow")]


def test_a_number_taken_by_a_transaction_that_fails_at_its_very_end_is_given_out_again(postgresql: Database) -> None:
    numbered = threading.Event()
    go_on = threading.Event()

    def fail_at_the_end() -> None:
        numbered.set()
        go_on.wait(10)
        raise RuntimeError("the last step failed")

    def fails() -> None:
        with postgresql.write() as unit_of_work:
            Events().add(unit_of_work, "fails")
            unit_of_work.before_commit("after the numbering", fail_at_the_end)

    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(fails)
        assert numbered.wait(10)
        waiting = pool.submit(_add, postgresql, "waits")
        assert _seen(postgresql) == []
        go_on.set()
        waiting.result(timeout=10)
        assert isinstance(failing.exception(timeout=10), RuntimeError)
    assert _seen(postgresql) == [(1, "waits")]


def test_transactions_that_use_two_sequences_in_opposite_order_do_not_deadlock(postgresql: Database) -> None:
    def add(first: Numbered, second: Numbered) -> None:
        for turn in range(20):
            with postgresql.write() as unit_of_work:
                first.add(unit_of_work, f"{turn}")
                second.add(unit_of_work, f"{turn}")

    with ThreadPoolExecutor(4) as pool:
        orders: list[tuple[Numbered, Numbered]] = [(Events(), Labels()), (Labels(), Events())] * 2
        for done in [pool.submit(add, first, second) for first, second in orders]:
            done.result(timeout=30)
    with postgresql.read() as session:
        assert (last_number(session, "events"), last_number(session, "labels")) == (80, 80)


def test_rows_of_a_unit_of_work_that_fails_leave_no_number_behind(database: Database) -> None:
    with pytest.raises(RuntimeError, match="meant"):
        _add_and_fail(database)
    _add(database, "kept")
    assert _seen(database) == [(1, "kept")]


def test_an_event_recorded_by_the_last_step_of_a_transaction_is_numbered_too(database: Database) -> None:
    with database.write() as unit_of_work:
        Events().add(unit_of_work, "first")
        unit_of_work.before_commit("late", lambda: Events().add(unit_of_work, "late"))
    assert _seen(database) == [(1, "first"), (2, "late")]


def test_a_sequence_nobody_used_stands_at_nought(database: Database) -> None:
    with database.read() as session:
        assert last_number(session, "events") == 0
        assert last_number(session, "no such sequence") == 0


def _add(database: Database, mark: str) -> None:
    with database.write() as unit_of_work:
        Events().add(unit_of_work, mark)


def _add_and_fail(database: Database) -> None:
    with database.write() as unit_of_work:
        Events().add(unit_of_work, "lost")
        raise RuntimeError("meant")


def _seen(database: Database) -> list[tuple[int, str]]:
    with database.read() as session:
        return Events().above(session, 0)


def _write_in_a_process(answer: "Connection[Any, Any]", url: str, writer: int) -> None:
    answer.send(traffic.write(Database(url), Events(), writer))


def _follow_in_a_process(answer: "Connection[Any, Any]", url: str, written: ProcessEvent) -> None:
    answer.send(traffic.follow(Database(url), Events(), written.is_set))
