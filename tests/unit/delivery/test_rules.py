"""What follows an attempt."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dimse.reactions import Reaction
from gateway.config import DeliverySettings
from gateway.delivery.rules import SETTLED, TRIES, Decision, History, Limits, concerns_destination, decide
from gateway.delivery.states import DeliveryState, may_become

LIMITS = Limits(first_seconds=5, maximum_seconds=900, give_up_after=timedelta(hours=168))
FRESH = timedelta(minutes=1)
OLD = timedelta(hours=168)


def _decide(reaction: Reaction, *, age: timedelta = FRESH, failures: int = 1, same_answer: int = 1) -> Decision:
    return decide(reaction, "the peer said so", History(age, failures, same_answer), LIMITS, chance=0.5)


@given(
    reaction=st.sampled_from(Reaction),
    age=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=900)),
    failures=st.integers(1, 10_000),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_every_reaction_leads_where_a_claimed_delivery_may_go(
    reaction: Reaction, age: timedelta, failures: int, chance: float
) -> None:
    decision = decide(reaction, "words", History(age, failures, failures), LIMITS, chance=chance)
    assert may_become(DeliveryState.SENDING, decision.state)
    assert "words" in decision.message
    assert (decision.wait > timedelta()) == (decision.state is DeliveryState.FAILED)


def test_every_reaction_has_one_rule() -> None:
    assert set(SETTLED) | set(TRIES) == set(Reaction)
    assert not set(SETTLED) & set(TRIES)


@pytest.mark.parametrize(
    "reaction", [Reaction.STORED, Reaction.STORED_WITH_WARNING, Reaction.CONFIRM_DUPLICATE], ids=str
)
def test_what_the_peer_has_is_sent_with_its_words_kept_even_when_old(reaction: Reaction) -> None:
    assert _decide(reaction, age=OLD) == Decision(DeliveryState.SENT, "the peer said so")


@pytest.mark.parametrize("reaction", [Reaction.PERMANENT, Reaction.MISMATCH], ids=str)
def test_what_is_refused_for_good_is_dead_at_once(reaction: Reaction) -> None:
    assert _decide(reaction) == Decision(DeliveryState.DEAD, "refused for good: the peer said so")


@pytest.mark.parametrize("reaction", [Reaction.FALLBACK_CLASS, Reaction.NO_PRESENTATION_CONTEXT], ids=str)
def test_a_kind_the_destination_does_not_take_is_not_accepted(reaction: Reaction) -> None:
    assert _decide(reaction).state is DeliveryState.NOT_ACCEPTED


@pytest.mark.parametrize("reaction", [Reaction.RETRY, Reaction.UNKNOWN_OUTCOME], ids=str)
def test_what_passes_by_itself_is_tried_until_it_is_too_old(reaction: Reaction) -> None:
    assert _decide(reaction, failures=5000, same_answer=5000).state is DeliveryState.FAILED
    assert _decide(reaction, age=OLD) == Decision(DeliveryState.DEAD, "given up after 168 hours: the peer said so")


@pytest.mark.parametrize(
    ("reaction", "tries"), [(Reaction.RETRY_ONCE, 2), (Reaction.PROTOCOL_MISUSE, 3), (Reaction.RETRY_FEW, 5)]
)
def test_what_hardly_passes_is_given_up_after_a_few_equal_answers(reaction: Reaction, tries: int) -> None:
    assert _decide(reaction, same_answer=tries - 1).state is DeliveryState.FAILED
    last = _decide(reaction, same_answer=tries)
    assert last.state is DeliveryState.DEAD
    assert last.message == f"given up after {tries} attempts with this answer: the peer said so"


def test_other_failures_before_do_not_count_as_the_same_answer() -> None:
    assert _decide(Reaction.RETRY_ONCE, failures=50, same_answer=1).state is DeliveryState.FAILED


def test_the_wait_grows_with_the_failures() -> None:
    waits = [_decide(Reaction.RETRY, failures=n).wait for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(seconds=900)


def test_a_destination_waits_for_what_no_instance_was_answered() -> None:
    assert concerns_destination(Reaction.UNREACHABLE, None)
    assert concerns_destination(Reaction.BUSY, None)
    assert concerns_destination(Reaction.CONFIGURATION, None)
    assert concerns_destination(Reaction.PROTOCOL_MISUSE, None)


def test_an_answer_to_an_instance_never_holds_up_the_others() -> None:
    assert not concerns_destination(Reaction.CONFIGURATION, 0x0124)
    assert not concerns_destination(Reaction.PROTOCOL_MISUSE, 0x0211)
    assert not concerns_destination(Reaction.NO_PRESENTATION_CONTEXT, None)


def test_limits_come_from_the_settings() -> None:
    settings = DeliverySettings(retry_seconds=2, retry_max_seconds=30, give_up_hours=1)
    assert Limits.of(settings) == Limits(2, 30, timedelta(hours=1))
