"""Whoever waits for a connection is woken by it, and by what is put into the queue."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from dimse import waking
from dimse.waking import Bell, Doorstep, RingingQueue


@pytest.fixture
def wire() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    yield near, far
    near.close()
    far.close()


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bell]:
    monkeypatch.setattr(waking, "REST_SECONDS", 5.0)  # who is not woken is seen to wait
    made = Bell()
    yield made
    made.close()


def seconds_of_rest(bell: Bell, wire: tuple[socket.socket, socket.socket]) -> float:
    started = time.monotonic()
    bell.wait_beside(wire[0])
    return time.monotonic() - started


def test_what_is_put_into_the_queue_wakes_at_once(bell: Bell, wire: tuple[socket.socket, socket.socket]) -> None:
    waiting = RingingQueue(bell)
    threading.Timer(0.05, waiting.put, ("answer",)).start()
    assert seconds_of_rest(bell, wire) < 2
    assert waiting.get_nowait() == "answer"


def test_what_comes_over_the_connection_wakes_at_once(bell: Bell, wire: tuple[socket.socket, socket.socket]) -> None:
    threading.Timer(0.05, wire[1].sendall, (b"request",)).start()
    assert seconds_of_rest(bell, wire) < 2


def test_a_ring_before_the_rest_is_not_lost_and_counts_once(
    bell: Bell, wire: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        bell.ring()
    assert seconds_of_rest(bell, wire) < 2
    monkeypatch.setattr(waking, "REST_SECONDS", 0.05)
    assert seconds_of_rest(bell, wire) >= 0.04


def test_rings_that_nobody_hears_block_nobody(bell: Bell, wire: tuple[socket.socket, socket.socket]) -> None:
    for _ in range(10_000):
        bell.ring()
    assert seconds_of_rest(bell, wire) < 2


def test_without_a_connection_the_bell_alone_is_waited_for(
    bell: Bell, wire: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "REST_SECONDS", 0.05)
    wire[1].sendall(b"for another reader")
    started = time.monotonic()
    bell.wait_beside(None)
    assert time.monotonic() - started >= 0.04
    bell.ring()
    monkeypatch.setattr(waking, "REST_SECONDS", 5.0)
    bell.wait_beside(None)
    assert time.monotonic() - started < 2


def test_a_closed_bell_or_connection_is_said(bell: Bell, wire: tuple[socket.socket, socket.socket]) -> None:
    wire[0].close()
    with pytest.raises(ValueError, match="file descriptor"):
        bell.wait_beside(wire[0])
    bell.close()
    bell.close()
    bell.ring()
    with pytest.raises(ValueError, match="file descriptor"):
        bell.wait_beside(wire[1])


@pytest.fixture
def doorstep(monkeypatch: pytest.MonkeyPatch) -> Doorstep:
    monkeypatch.setattr(waking, "UNCALLED_SECONDS", 5.0)  # who is not called is seen to wait
    made = Doorstep(has_more=lambda: False)
    made.set()
    assert seconds_on(made) < 2, "whoever lets pass calls"
    return made


def seconds_on(doorstep: Doorstep) -> float:
    started = time.monotonic()
    assert doorstep.wait(10)
    return time.monotonic() - started


def test_a_message_calls_who_rests_on_the_doorstep(doorstep: Doorstep) -> None:
    messages = RingingQueue(doorstep)
    threading.Timer(0.05, messages.put, ("request",)).start()
    assert seconds_on(doorstep) < 2
    assert messages.get_nowait() == "request"


def test_a_call_before_the_rest_is_not_lost_and_counts_once(
    doorstep: Doorstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    doorstep.ring()
    doorstep.ring()
    assert seconds_on(doorstep) < 2
    monkeypatch.setattr(waking, "UNCALLED_SECONDS", 0.05)
    assert seconds_on(doorstep) >= 0.04


def test_who_has_more_to_do_does_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "UNCALLED_SECONDS", 5.0)
    waiting = [1, 2]
    doorstep = Doorstep(has_more=lambda: bool(waiting))
    doorstep.set()
    while waiting:
        assert seconds_on(doorstep) < 2
        waiting.pop()


def test_who_is_called_still_waits_to_be_let_pass(doorstep: Doorstep) -> None:
    doorstep.clear()
    doorstep.ring()
    assert not doorstep.wait(0.05)
    threading.Timer(0.05, doorstep.set).start()
    assert seconds_on(doorstep) < 2
