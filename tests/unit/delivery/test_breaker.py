"""The circuit breaker of a destination."""

import pytest

from gateway.delivery.breaker import LONGEST_PAUSE_SECONDS, Breaker, Permit


class Watch:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def breaker(watch: Watch) -> Breaker:
    return Breaker(4, clock=watch, chance=lambda: 0.99)


def test_a_closed_breaker_lets_whole_batches_through(breaker: Breaker) -> None:
    assert breaker.permit(50) == Permit(50)
    assert breaker.permit(50) == Permit(50)


def test_nothing_goes_while_the_pause_lasts(breaker: Breaker) -> None:
    breaker.down()
    assert breaker.permit(50) == Permit(0)
    assert 0 < breaker.pause_seconds() <= 4


def test_after_the_pause_one_probe_goes_and_no_second_one_beside_it(breaker: Breaker, watch: Watch) -> None:
    breaker.down()
    watch.seconds += 5
    probe = breaker.permit(50)
    assert probe == Permit(1, is_probe=True)
    assert breaker.permit(50) == Permit(0)
    breaker.settle(probe)
    assert breaker.permit(50) == Permit(1, is_probe=True)


def test_a_late_batch_does_not_end_somebody_elses_probe(breaker: Breaker, watch: Watch) -> None:
    late = breaker.permit(50)
    breaker.down()
    watch.seconds += 5
    breaker.permit(50)
    breaker.settle(late)
    assert breaker.permit(50) == Permit(0)


def test_an_answer_closes_it(breaker: Breaker, watch: Watch) -> None:
    breaker.down()
    watch.seconds += 5
    probe = breaker.permit(50)
    breaker.answered()
    breaker.settle(probe)
    assert not breaker.is_open
    assert breaker.pause_seconds() == 0
    assert breaker.permit(50) == Permit(50)


def test_pauses_grow_to_a_minute_and_no_further(breaker: Breaker, watch: Watch) -> None:
    pauses = []
    for _ in range(10):
        breaker.down()
        pauses.append(round(breaker.pause_seconds(), 6))
        watch.seconds += breaker.pause_seconds()
    assert pauses == sorted(pauses)
    assert pauses[0] <= 4
    assert LONGEST_PAUSE_SECONDS * 0.9 < pauses[-1] <= LONGEST_PAUSE_SECONDS


def test_threads_that_fail_together_count_as_one_failure(breaker: Breaker) -> None:
    for _ in range(8):
        breaker.down()
    assert breaker.pause_seconds() <= 4


def test_one_silence_is_the_instances_trouble_two_are_the_destinations(breaker: Breaker) -> None:
    breaker.silent()
    assert not breaker.is_open
    breaker.silent()
    assert breaker.is_open


def test_silences_with_an_answer_between_them_do_not_add_up(breaker: Breaker) -> None:
    breaker.silent()
    breaker.answered()
    breaker.silent()
    assert not breaker.is_open


def test_a_silent_probe_begins_a_longer_pause(breaker: Breaker, watch: Watch) -> None:
    breaker.silent()
    breaker.silent()
    first = breaker.pause_seconds()
    watch.seconds += first
    breaker.permit(50)
    breaker.silent()
    assert breaker.pause_seconds() > first
