"""The states of a delivery."""

import pytest

from gateway.delivery.errors import IllegalTransition
from gateway.delivery.states import TRANSITIONS, UNPROVEN, WAITING, DeliveryState, may_become, require_transition

_ARRIVED = {DeliveryState.SENT, DeliveryState.CONFIRMED, DeliveryState.COMMITTED}


def test_an_illegal_transition_is_refused_by_name() -> None:
    with pytest.raises(IllegalTransition, match="committed cannot become queued"):
        require_transition(DeliveryState.COMMITTED, DeliveryState.QUEUED)


def test_a_legal_transition_passes() -> None:
    require_transition(DeliveryState.QUEUED, DeliveryState.SENDING)


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(DeliveryState)


def test_what_is_committed_stays_committed() -> None:
    assert not TRANSITIONS[DeliveryState.COMMITTED]


def test_what_is_not_proven_is_never_queued_by_hand_but_may_be_found_wanting() -> None:
    wanting = {DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.NOT_ACCEPTED}
    for state in UNPROVEN:
        assert TRANSITIONS[state] - _ARRIVED == wanting


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
