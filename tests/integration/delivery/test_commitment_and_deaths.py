"""Storage commitment while somebody dies: the worker, the destination, the database."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from dimse.commitment_data import CommitmentReport, CommitmentRequest
from gateway.database import Database, now
from gateway.delivery.proving import requests
from gateway.delivery.proving.keeper import Means
from gateway.delivery.proving.means import proof_means
from tests.integration.delivery.hospital import (
    PROMPT,
    archived_and_queued,
    attempts,
    destination,
    rows,
    states,
    wait_until,
)
from tests.integration.delivery.listener import listening
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import (
    asked_without_answer,
    come_to,
    committing,
    requests_of,
    sent_unproven,
    to_be_proved_now,
    working,
)
from tests.peers import REPOSITORY


def test_a_destination_that_is_down_is_asked_when_it_is_up_again(database: Database) -> None:
    pacs = ProvablePacs().start()
    there = committing(pacs)
    sent_unproven(database, there, 2)
    pacs.stop()
    to_be_proved_now(database)
    with working(database, there, settings=PROMPT.model_copy(update={"proof_seconds": 1})):
        wait_until(lambda: all("not proven yet" in (row.last_message or "") for row in rows(database)), "it is said")
        pacs.start()
        come_to(database, {"committed": 2})
    pacs.stop()
    assert {request.outcome for request in requests_of(database)} == {"not_taken", "answered"}
    assert len(attempts(database)) == 2


@contextmanager
def _worker_process(database: Database, pacs: ProvablePacs) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.integration.delivery.proving_process", database.url, str(pacs.port)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"working\n"
        yield process
        process.kill()


def test_killed_between_request_and_answer_it_is_asked_again_and_both_answers_are_believed(database: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs)
        sent_unproven(database, there, 2)
        to_be_proved_now(database)
        pacs.before_answer.clear()
        with _worker_process(database, pacs) as process:
            wait_until(lambda: bool(pacs.requests), "the request is with the destination")
            os.kill(process.pid, signal.SIGKILL)
        pacs.before_answer.set()
        [request] = requests_of(database)
        assert request.sent_at is None, "nobody knows that it was taken"
        first = pacs.requests[0]
        with working(database, there, clock=lambda: now() + timedelta(hours=1)):
            wait_until(lambda: len(requests_of(database)) >= 2, "asked again")
        with listening(database, [there]) as port:
            assert pacs.report(*first, port=port) == 0
    assert states(database) == {"committed": 2}


def test_killed_before_an_answer_is_written_the_destination_answers_again(database: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs)
        asked_without_answer(database, pacs, there)
        [(transaction_uid, asked)] = pacs.requests
        with _failing_once(database), listening(database, [there]) as port:
            assert pacs.report(transaction_uid, asked, port=port) == 0x0110, "not taken: it reports again"
            assert states(database) == {"sent": 3}
            assert pacs.report(transaction_uid, asked, port=port) == 0
    assert states(database) == {"committed": 3}


@contextmanager
def _failing_once(_database: Database) -> Iterator[None]:
    """The first report that is written down fails at its very end."""
    believe = requests.believe
    failures = iter([True])

    def failing(*arguments: Any, **values: Any) -> bool:
        done = believe(*arguments, **values)
        if next(failures, False):
            raise OSError("the disk is gone")
        return done

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(requests, "believe", failing)
        yield


def test_a_worker_that_is_stopped_does_not_wait_for_a_destination(sqlite: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        pacs.before_answer.clear()
        there = committing(pacs)
        archived_and_queued(sqlite, 1, there)
        with working(sqlite, there):
            wait_until(lambda: bool(pacs.requests), "asked")
        pacs.before_answer.set()
    assert threading.active_count() < 50


def test_a_request_that_was_not_sent_yet_is_made_anew(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        archived_and_queued(sqlite, 2, there)
        with working(sqlite, there, means=lambda there: Means(proof_means("DERMGATE")(there).prover, _Lost())):
            wait_until(lambda: bool(requests_of(sqlite)), "written down")
        with working(sqlite, there, clock=lambda: now() + timedelta(hours=1)):
            come_to(sqlite, {"committed": 2})


class _Lost:
    """A committer that dies with its request."""

    def __init__(self) -> None:
        self._gone = threading.Event()

    def ask(
        self, request: CommitmentRequest, taken: Callable[[], None], hear: Callable[[CommitmentReport], int]
    ) -> None:
        """Never come back in good form."""
        self._gone.wait(20)
        raise OSError("gone")

    def abort(self) -> None:
        """End."""
        self._gone.set()


def test_what_a_killed_process_was_looking_for_is_looked_for_at_the_next_start(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = destination(port=pacs.port, proof="query")
        archived_and_queued(sqlite, 2, there)
        with working(sqlite, there, settings=PROMPT.model_copy(update={"proof_seconds": 600})):
            come_to(sqlite, {"sent": 2})
        with working(sqlite, there):
            come_to(sqlite, {"confirmed": 2}, 5)
