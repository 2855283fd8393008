"""The states of a delivery."""

import pytest

from gateway.delivery.errors import IllegalTransition
from gateway.delivery.states import TRANSITIONS, WAITING, DeliveryState, may_become, require_transition

_ARRIVED = {DeliveryState.SENT, DeliveryState.CONFIRMED, DeliveryState.COMMITTED}


def test_an_illegal_transition_is_refused_by_name() -> None:
    with pytest.raises(IllegalTransition, match="committed cannot become queued"):
        require_transition(DeliveryState.COMMITTED, DeliveryState.QUEUED)


def test_a_legal_transition_passes() -> None:
    require_transition(DeliveryState.QUEUED, DeliveryState.SENDING)


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(DeliveryState)


def test_nothing_that_arrived_goes_back() -> None:
    for state in _ARRIVED:
        assert TRANSITIONS[state] <= _ARRIVED


def test_no_state_follows_itself() -> None:
    assert not any(may_become(state, state) for state in DeliveryState)


def test_every_state_can_be_reached_from_queued() -> None:
    reached = {DeliveryState.QUEUED}
    while new := {following for state in reached for following in TRANSITIONS[state]} - reached:
        reached |= new
    assert reached == set(DeliveryState)


def test_only_a_claim_leads_to_sent() -> None:
    assert [state for state in DeliveryState if may_become(state, DeliveryState.SENT)] == [DeliveryState.SENDING]


def test_what_waits_may_be_claimed_cancelled_and_buried() -> None:
    for state in WAITING:
        assert {DeliveryState.SENDING, DeliveryState.CANCELLED, DeliveryState.DEAD} <= TRANSITIONS[state]
