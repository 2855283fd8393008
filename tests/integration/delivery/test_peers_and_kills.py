"""Delivery to DCMTK's storescp and to Orthanc, and what is left when one side is killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from gateway.database import Database
from tests.integration.delivery.hospital import (
    Pacs,
    archived_and_queued,
    destination,
    source_of,
    states,
    uids,
    wait_until,
    worker_for,
)
from tests.peers import REPOSITORY, Orthanc, free_port, require


class StoreScp:
    """DCMTK's storescp, writing what it gets into a folder."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._command = [str(require("storescp")), "--output-directory", str(folder), str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; it listens a moment later."""
        # Without it DCMTK leaves Nagle on, which costs some 40 ms an exchange.
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"TCP_NODELAY": "1"}
        )

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def uids(self) -> set[str]:
        """What it holds."""
        return {str(dcmread(path, force=True).get("SOPInstanceUID", "")) for path in self._folder.iterdir()}

    def count(self) -> int:
        """How many files it holds, whole or not."""
        return sum(1 for _ in self._folder.iterdir())


@pytest.fixture
def storescp(tmp_path: Path) -> Iterator[StoreScp]:
    folder = tmp_path / "received"
    folder.mkdir()
    made = StoreScp(folder)
    yield made
    made.kill()


@pytest.mark.peer
def test_what_was_queued_while_storescp_was_down_or_killed_all_arrives(sqlite: Database, storescp: StoreScp) -> None:
    there = destination(port=storescp.port)
    instance_ids = archived_and_queued(sqlite, 120, there)
    worker = worker_for(sqlite, there)
    worker.start()
    wait_until(lambda: states(sqlite) == {"queued": 120}, "it is down: all waits")
    storescp.start()
    wait_until(lambda: storescp.count() >= 10, "some have arrived")
    storescp.kill()
    storescp.start()
    wait_until(lambda: states(sqlite) == {"sent": 120}, "all are sent")
    assert worker.stop(10)
    assert storescp.uids() == uids(sqlite, instance_ids)


@contextmanager
def worker_processes(count: int, database: Database, pacs: Pacs) -> Iterator[None]:
    """Workers in processes of their own, all of them at work within the block, and killed at its end."""
    command = [sys.executable, "-m", "tests.integration.delivery.worker_process", database.url, str(pacs.port)]
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            started.append(stack.enter_context(subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)))
            stack.callback(started[-1].kill)
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == b"working\n"
        yield


def test_two_processes_on_one_database_never_send_the_same_row(postgresql: Database, pacs: Pacs) -> None:
    pacs.delay_seconds = 0.005
    with worker_processes(2, postgresql, pacs):
        instance_ids = archived_and_queued(postgresql, 150, destination(port=pacs.port))
        wait_until(lambda: states(postgresql) == {"sent": 150}, "all are sent")
    assert pacs.associations == 2, "both took part"
    assert pacs.crossings == set()
    assert set(pacs.received) == uids(postgresql, instance_ids)
    assert set(pacs.received.values()) == {1}


def test_what_a_killed_worker_had_in_hand_arrives_through_the_next_one(sqlite: Database, pacs: Pacs) -> None:
    pacs.delay_seconds = 0.02
    instance_ids = archived_and_queued(sqlite, 60, destination(port=pacs.port))
    with worker_processes(1, sqlite, pacs):
        wait_until(lambda: len(pacs.received) >= 10, "some have arrived")
    assert states(sqlite)["sending"] > 0
    worker = worker_for(sqlite, destination(port=pacs.port))
    worker.start()
    wait_until(lambda: states(sqlite) == {"sent": 60}, "all are sent")
    assert worker.stop(10)
    assert set(pacs.received) == uids(sqlite, instance_ids)
    assert sum(pacs.received.values()) <= 61, "at most the one in hand goes twice"


def test_orthanc_holds_what_was_sent_while_it_was_stopped(sqlite: Database, orthanc: Orthanc) -> None:
    there = destination(port=orthanc.dicom_port, ae_title=orthanc.ae_title)
    orthanc.stop()
    instance_ids = archived_and_queued(sqlite, 5, there)
    worker = worker_for(sqlite, there, source=source_of(sqlite))
    worker.start()
    orthanc.start()
    wait_until(lambda: states(sqlite) == {"sent": 5}, "all are sent")
    assert worker.stop(10)
    for uid in uids(sqlite, instance_ids):
        assert len(orthanc.instances(uid)) == 1
