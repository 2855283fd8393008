import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.explanation import turns as turns_module
from gateway.explanation.errors import TooManyAsked
from gateway.explanation.turns import OneAfterAnother


@pytest.fixture
def turns() -> Iterator[OneAfterAnother]:
    made = OneAfterAnother(2)
    yield made
    made.close()


class Held:
    """An act that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        self.begun.set()
        assert self.let_go.wait(10)
        return "done"


def test_what_it_gives_is_given(turns: OneAfterAnother) -> None:
    assert turns.do("a", lambda: 42) == 42


@pytest.mark.parametrize("fault", [KeyError("x"), TimeoutError("a database's own")])
def test_what_it_raises_is_raised(turns: OneAfterAnother, fault: Exception) -> None:
    def fails() -> None:
        raise fault

    with pytest.raises(type(fault)):
        turns.do("a", fails)
    assert turns.do("a", lambda: 1) == 1


def test_of_one_name_only_the_first_is_done(turns: OneAfterAnother) -> None:
    held = Held()
    with ThreadPoolExecutor(1) as callers:
        first = callers.submit(turns.do, "a", held)
        assert held.begun.wait(10)
        second = turns._begun("a", held)
        held.let_go.set()
        assert (first.result(), second.result()) == ("done", "done")
    assert held.times == 1


def test_beyond_so_many_who_comes_is_sent_away(turns: OneAfterAnother) -> None:
    held = Held()
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(turns.do, "a", held)
        assert held.begun.wait(10)
        second = callers.submit(turns.do, "b", lambda: 2)
        while len(turns._under_way) < 2:
            pass
        with pytest.raises(TooManyAsked):
            turns.do("c", lambda: 3)
        held.let_go.set()
        assert (first.result(), second.result()) == ("done", 2)


def test_those_who_wait_for_one_act_are_bounded_as_well(turns: OneAfterAnother) -> None:
    held = Held()
    with ThreadPoolExecutor(2) as callers:
        asked = [callers.submit(turns.do, "a", held) for _ in range(2)]
        while turns._waiting < 2:
            pass
        with pytest.raises(TooManyAsked):
            turns.do("a", held)
        held.let_go.set()
        assert [one.result() for one in asked] == ["done", "done"]
    assert turns.do("a", lambda: 1) == 1


def test_who_waits_too_long_is_sent_away(turns: OneAfterAnother, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "_PATIENCE_SECONDS", 0.01)
    held = Held()
    with pytest.raises(TooManyAsked):
        turns.do("a", held)
    held.let_go.set()
