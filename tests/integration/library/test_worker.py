"""The library's thread: what fails is tried again, with growing pauses, and keeps no other work from being done."""

import threading

import pytest

from gateway.library import worker as worker_module
from gateway.library.worker import LibraryWorker
from tests.integration.delivery.hospital import wait_until


def test_a_step_that_fails_keeps_no_other_from_its_work(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def fails() -> bool:
        raise OSError("no such disk")

    def works() -> bool:
        done.append("worked")
        return len(done) < 3

    worker = LibraryWorker([fails, works])
    assert worker.work_once()
    assert worker.work_once()
    assert not worker.work_once()
    assert len(caplog.records) == 3


def test_pauses_grow_while_something_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(worker_module, "LONGEST_PAUSE_SECONDS", 0.008)
    broken = threading.Event()
    broken.set()

    def step() -> bool:
        if broken.is_set():
            raise OSError("no such disk")
        return False

    worker = LibraryWorker([step])
    worker.start()
    wait_until(lambda: worker._pause == 0.008, "the longest pause")
    broken.clear()
    wait_until(lambda: worker._pause == 0.001, "the usual pause")
    worker.stop()


def test_a_worker_that_never_began_can_be_stopped() -> None:
    LibraryWorker([]).stop()
