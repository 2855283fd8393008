"""Waking couriers."""

import threading
import time

from gateway.delivery.bell import Bell


def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    bell = Bell()
    heard = bell.rings("pacs")
    bell.ring(["pacs"])
    started = time.monotonic()
    bell.wait("pacs", heard, 10)
    assert time.monotonic() - started < 1


def test_a_ring_wakes_who_waits_for_that_name_only() -> None:
    bell = Bell()
    woken = threading.Event()

    def wait() -> None:
        bell.wait("pacs", 0, 10)
        woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    bell.ring(["other"])
    assert not woken.wait(0.1)
    bell.ring(["pacs"])
    assert woken.wait(5)
    waiting.join()


def test_a_wait_ends_with_its_time() -> None:
    started = time.monotonic()
    Bell().wait("pacs", 0, 0.05)
    assert 0.04 < time.monotonic() - started < 5
