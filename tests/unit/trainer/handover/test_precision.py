"""int8 is chosen only where nothing speaks against it; whatever does is said."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.unit.trainer.handover.samples import right_of, suitability_model
from trainer.handover.examined import FileCost
from trainer.handover.policy import Int8Rule
from trainer.handover.precision import Tried, choose, float32_alone, share_of_same_verdicts

RULE = Int8Rule()
WHOLE = Tried("float32", FileCost(8_000_000, 10.0), right_of(900, 1000), passed=True)
SMALL = Tried("int8", FileCost(2_000_000, 6.0), right_of(900, 1000), passed=True)


def test_as_good_and_faster_is_chosen() -> None:
    choice = choose(WHOLE, SMALL, RULE, None)
    assert (choice.chosen, choice.why) == ("int8", "as good as float32 and 40% faster")
    assert choice.verdicts_agree == 1.0
    assert [one.accuracy for one in choice.candidates] == [0.9, 0.9]


@pytest.mark.parametrize(
    ("worse", "told"),
    [
        (replace(SMALL, passed=False), "it does not pass the gate"),
        (replace(SMALL, scored=right_of(894, 1000)), "accuracy falls by 0.0060, more than 0.005"),
        (replace(SMALL, scored=right_of(889, 1000)), "verdicts agree on 0.9890 of the photos, less than 0.99"),
        (
            replace(SMALL, cost=FileCost(2_000_000, 8.6)),
            "it takes 8.60 ms a photo, float32 10.00; 15% less is asked for",
        ),
    ],
)
def test_worse_or_hardly_faster_is_left_and_the_reason_is_told(worse: Tried, told: str) -> None:
    choice = choose(WHOLE, worse, RULE, None)
    assert choice.chosen == "float32"
    assert choice.why.startswith("not int8: ")
    assert told in choice.why
    assert len(choice.candidates) == 2


def test_every_reason_against_it_is_told() -> None:
    worst = Tried("int8", FileCost(1, 20.0), right_of(500, 1000), passed=False)
    assert choose(WHOLE, worst, RULE, None).why.count(";") >= 3


def test_limits_may_be_met_exactly() -> None:
    edge = replace(SMALL, scored=right_of(895, 1000), cost=FileCost(1, 8.0))
    assert choose(WHOLE, edge, replace_rule("0.005", "0.995", "0.2"), None).chosen == "int8"


def replace_rule(drop: str, agree: str, faster: str) -> Int8Rule:
    return Int8Rule(
        accuracy_drop_at_most=Decimal(drop),
        verdicts_agree_at_least=Decimal(agree),
        faster_by_at_least=Decimal(faster),
    )


def test_where_float32_does_not_pass_int8_need_not_be_faster() -> None:
    large = replace(WHOLE, passed=False)
    assert choose(large, replace(SMALL, cost=FileCost(1, 10.0)), RULE, None).chosen == "int8"


def test_a_suitability_model_is_compared_by_its_verdicts() -> None:
    one, other = suitability_model(100, 100).scored, suitability_model(95, 100).scored
    assert float(share_of_same_verdicts(one, other, 0.5)) == pytest.approx(1 - 5 / 170)
    assert share_of_same_verdicts(one, one, 0.5) == 1


def test_float32_alone_says_why_there_is_no_other() -> None:
    choice = float32_alone(WHOLE, "the policy does not ask for int8")
    assert (choice.chosen, len(choice.candidates), choice.verdicts_agree) == ("float32", 1, None)
