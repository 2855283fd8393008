"""What is answered on the event loop, what is begun anew in a worker thread, and when the loop is spared."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dicomweb import at_once
from dicomweb.at_once import LONGEST_SECONDS, ShortWay, TakesLongerError, goes_on, is_short, takes_longer


@contextmanager
def _turn() -> Iterator[None]:
    yield


def _where() -> str:
    return "loop" if threading.current_thread() is threading.main_thread() else "worker"


def _heavy() -> str:
    takes_longer()
    return _where()


def _long_on_the_loop() -> str:
    until = time.thread_time() + LONGEST_SECONDS * 1.5
    while is_short() and time.thread_time() < until:
        pass
    return _where()


def _asked(way: ShortWay, *functions: object) -> list[object]:
    async def ask() -> list[object]:
        return [await way.run(function) for function in functions]  # type: ignore[arg-type]

    return asyncio.run(ask())


def test_what_may_block_goes_to_a_worker_thread() -> None:
    assert _asked(ShortWay(_turn), _heavy) == ["worker"]


def test_without_turns_everything_goes_to_a_worker_thread() -> None:
    assert _asked(ShortWay(None), _where, _heavy) == ["worker", "worker"]


def test_what_is_short_is_answered_on_the_loop() -> None:
    assert _asked(ShortWay(_turn), _where, _where) == ["loop", "loop"]


def test_an_error_of_the_answer_is_no_reason_to_begin_anew() -> None:
    calls: list[str] = []

    def fails() -> None:
        calls.append(_where())
        raise KeyError

    with pytest.raises(KeyError):
        _asked(ShortWay(_turn), fails)
    assert calls == ["loop"]


def test_nothing_is_short_outside_of_a_turn_or_after_one() -> None:
    def gives_up() -> str:
        if is_short():
            raise TakesLongerError
        return "anew"

    assert _asked(ShortWay(_turn), gives_up) == ["anew"]
    assert not is_short()
    takes_longer()


def test_one_long_answer_is_chance_two_spare_the_loop_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_once, "_REST", 10)
    way = ShortWay(_turn)

    assert _asked(way, _long_on_the_loop, _where, _long_on_the_loop, _where) == ["loop", "loop", "loop", "worker"]

    time.sleep(0.2)
    assert _asked(way, _where) == ["loop"]


def test_the_longer_the_loop_was_held_up_the_longer_it_is_spared() -> None:
    def very_long() -> str:
        until = time.thread_time() + 0.3
        while is_short() and time.thread_time() < until:
            pass
        return _where()

    assert _asked(ShortWay(_turn), *[very_long] * 5) == ["loop", "loop", "worker", "worker", "worker"]


def test_work_in_many_pieces_is_given_up_when_it_has_been_long_enough() -> None:
    pieces: list[str] = []

    def many() -> int:
        pieces.clear()
        for _ in range(200):
            goes_on()
            pieces.append(_where())
            time.sleep(0.0002)
        return len(pieces)

    assert _asked(ShortWay(_turn), many) == [200]
    assert set(pieces) == {"worker"}


def test_what_is_always_given_up_is_not_always_tried() -> None:
    tried: list[bool] = []

    def heavy() -> None:
        tried.append(is_short())
        takes_longer()

    _asked(ShortWay(_turn), *[heavy] * 40)

    assert tried.count(True) == 16
    assert tried.count(False) == 40
