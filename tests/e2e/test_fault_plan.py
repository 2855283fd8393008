"""The plan of a fault run."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from tests.e2e.fault_run.plan import Act, plan

ACTS: tuple[Act, ...] = ("kill", "kill", "freeze")


@given(st.integers(0, 2**32 - 1))
def test_no_target_is_dealt_two_blows_at_once_and_each_gets_all_in_time(seed: int) -> None:
    blows = plan(seed, ["a", "b"], ACTS, seconds=30, longest=4)
    assert plan(seed, ["a", "b"], ACTS, seconds=30, longest=4) == blows
    assert list(blows) == sorted(blows)
    for _target, dealt in groupby(sorted(blows, key=lambda blow: blow.target), lambda blow: blow.target):
        own = sorted(dealt)
        assert sorted(blow.act for blow in own) == sorted(ACTS)
        assert all(0 < blow.seconds <= 4 for blow in own)
        ends = [blow.at_seconds + blow.seconds for blow in own]
        assert all(end < after.at_seconds for end, after in zip(ends, own[1:], strict=False))
        assert ends[-1] < 30
