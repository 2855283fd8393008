"""What becomes of a delivery that is not proven."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.proving.rules import Past, ProofLimits, after_missing, after_refusal, may_hold_two
from gateway.delivery.states import UNPROVEN, DeliveryState, may_become

LIMITS = ProofLimits(
    first_seconds=2, most_looks=4, most_resends=2, most_references=10, answer_within=timedelta(hours=24)
)


@pytest.mark.parametrize(
    ("past", "state"),
    [
        (Past(1, 0, is_duplicate=False), DeliveryState.SENT),
        (Past(3, 2, is_duplicate=False), DeliveryState.SENT),
        (Past(4, 0, is_duplicate=False), DeliveryState.FAILED),
        (Past(4, 1, is_duplicate=False), DeliveryState.FAILED),
        (Past(4, 2, is_duplicate=False), DeliveryState.DEAD),
        (Past(3, 0, is_duplicate=True), DeliveryState.SENT),
        (Past(4, 0, is_duplicate=True), DeliveryState.DEAD),
    ],
)
def test_what_is_not_found_is_looked_for_sent_again_and_given_up(past: Past, state: DeliveryState) -> None:
    assert after_missing(past, LIMITS, chance=0.5).state is state


@pytest.mark.parametrize(
    ("reason", "resends", "state"),
    [
        (0x0112, 0, DeliveryState.FAILED),
        (0x0110, 1, DeliveryState.FAILED),
        (0x0213, 2, DeliveryState.DEAD),
        (0x0131, 0, DeliveryState.FAILED),
        (0xFFFF, 0, DeliveryState.FAILED),
        (0x0122, 0, DeliveryState.NOT_ACCEPTED),
        (0x0119, 0, DeliveryState.DEAD),
    ],
)
def test_what_is_not_committed_goes_again_or_ends_by_its_reason(
    reason: int, resends: int, state: DeliveryState
) -> None:
    step = after_refusal(reason, Past(1, resends, is_duplicate=False), LIMITS, chance=0.5)
    assert step.state is state
    assert f"0x{reason:04X}" in step.message


@pytest.mark.parametrize(
    ("reason", "is_correction", "may"), [(0x0112, True, True), (0x0112, False, False), (0x0110, True, False)]
)
def test_only_a_correction_that_is_said_not_to_be_there_may_be_there_twice(
    reason: int, is_correction: bool, may: bool
) -> None:
    assert may_hold_two(reason, Past(1, 0, is_duplicate=False, is_correction=is_correction)) is may


def test_pauses_between_looks_double_up_to_five_minutes() -> None:
    many = ProofLimits(2, 100, 2, 10, timedelta(hours=24))
    waits = [after_missing(Past(looks, 0, is_duplicate=False), many, chance=1).wait for looks in (1, 2, 3, 50)]
    assert waits == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 300)]


@given(
    looks=st.integers(1, 1000),
    resends=st.integers(0, 1000),
    is_duplicate=st.booleans(),
    reason=st.integers(0, 0xFFFF),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_whatever_follows_is_allowed_and_ends(
    looks: int, resends: int, is_duplicate: bool, reason: int, chance: float
) -> None:
    past = Past(looks, resends, is_duplicate)
    for step in (after_missing(past, LIMITS, chance=chance), after_refusal(reason, past, LIMITS, chance=chance)):
        assert step.state is DeliveryState.SENT or all(may_become(state, step.state) for state in UNPROVEN)
        if looks >= LIMITS.most_looks and resends >= LIMITS.most_resends:
            assert step.state in (DeliveryState.DEAD, DeliveryState.NOT_ACCEPTED)
