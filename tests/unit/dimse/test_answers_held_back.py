"""How long answers wait for a peer to take them."""

from queue import Queue
from threading import Timer
from types import SimpleNamespace
from typing import Any

import pytest

from dimse import find
from dimse.find import MAX_WAITING_PDUS


def association_with(waiting: int, *, aborted: bool = False) -> Any:
    """What is looked at of an association, with so many PDUs that nobody takes."""
    queue: Queue[object] = Queue()
    for _ in range(waiting):
        queue.put(object())
    return SimpleNamespace(
        dul=SimpleNamespace(to_provider_queue=queue, is_alive=lambda: True),
        acse=SimpleNamespace(is_aborted=lambda: aborted),
        requestor=SimpleNamespace(address="127.0.0.1"),
        network_timeout=0.05,
    )


@pytest.fixture
def broken_off(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    broken: list[object] = []
    monkeypatch.setattr(find, "break_off", broken.append)
    return broken


def test_a_peer_that_does_not_take_its_answers_is_left(
    broken_off: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    association = association_with(MAX_WAITING_PDUS)
    find._let_leave(association)
    assert broken_off == [association]
    assert "does not take its answers" in caplog.text


def test_a_peer_that_takes_them_in_time_or_has_left_is_not_broken_off(broken_off: list[object]) -> None:
    association = association_with(MAX_WAITING_PDUS)
    association.network_timeout = 10.0
    taking = Timer(0.02, association.dul.to_provider_queue.queue.clear)
    taking.start()
    find._let_leave(association)
    taking.join()
    find._let_leave(association_with(MAX_WAITING_PDUS - 1))
    find._let_leave(association_with(MAX_WAITING_PDUS, aborted=True))
    assert broken_off == []
