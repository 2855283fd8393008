"""How long a failed delivery waits."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.backoff import longest_wait_seconds, wait_after

_seconds = st.floats(min_value=0.01, max_value=1e6)
_chances = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(failures=st.integers(1, 10**9), first=_seconds, maximum=_seconds, chance=_chances)
def test_a_wait_is_above_zero_and_never_above_its_upper_end(
    failures: int, first: float, maximum: float, chance: float
) -> None:
    wait = wait_after(failures, first_seconds=first, maximum_seconds=maximum, chance=chance).total_seconds()
    longest = longest_wait_seconds(failures, first_seconds=first, maximum_seconds=maximum)
    assert 0 < wait <= longest + 1e-6
    assert longest <= maximum


@given(failures=st.integers(1, 200), first=_seconds, maximum=_seconds)
def test_the_upper_end_never_shrinks_with_another_failure(failures: int, first: float, maximum: float) -> None:
    this = longest_wait_seconds(failures, first_seconds=first, maximum_seconds=maximum)
    assert this <= longest_wait_seconds(failures + 1, first_seconds=first, maximum_seconds=maximum)


def test_the_upper_end_doubles_until_the_maximum() -> None:
    ends = [longest_wait_seconds(n, first_seconds=5, maximum_seconds=100) for n in range(1, 8)]
    assert ends == [5, 10, 20, 40, 80, 100, 100]


def test_chance_spreads_waits_over_most_of_the_range() -> None:
    waits = [
        wait_after(3, first_seconds=1, maximum_seconds=60, chance=tenth / 10).total_seconds() for tenth in range(10)
    ]
    assert waits[0] < 0.5
    assert waits[-1] > 3.5
    assert waits == sorted(waits)
