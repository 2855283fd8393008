"""Strictly above passes; equal does not; and every other demand of the policy is checked and shown."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trainer.handover.samples import (
    TWO,
    of_disease,
    right_of,
    scored,
    skin_model,
    suitability_model,
)
from trainer.errors import BadPolicy, BelowGate
from trainer.evaluation.bootstrap import estimate
from trainer.evaluation.numbers.shares import accuracy
from trainer.evaluation.scored import Scored
from trainer.handover.decision import Check, Decision
from trainer.handover.examined import Examined, FileCost, HeldOut, NotCompared
from trainer.handover.gate import decide, require_passed
from trainer.handover.policy import Policy, bundled_policy, parse_policy, threshold_alone


def policy_of(rules: str, threshold: str = "0") -> Policy:
    return parse_policy(f"accuracy.threshold = {threshold}\n{rules}")


def check_of(decision: Decision, name: str) -> Check:
    return next(check for check in decision.checks if check.name == name)


def only(examined: Examined, rules: str, name: str, served: Scored | None = None) -> Check:
    """The one check of a name under a policy of these rules alone."""
    decision = decide(examined, policy_of(rules), served)
    check = check_of(decision, name)
    assert decision.passed is (check.passed is not False), "nothing else decides"
    return check


def test_below_the_threshold_does_not_pass() -> None:
    decision = decide(of_disease(right_of(79, 100)), threshold_alone("0.8"))
    assert not decision.passed
    assert decision.failed == decision.checks
    with pytest.raises(BelowGate, match=r"accuracy: 0\.790") as refusal:
        require_passed(decision)
    assert refusal.value.decision is decision


def test_equal_to_the_threshold_does_not_pass() -> None:
    assert not decide(of_disease(right_of(80, 100)), threshold_alone("0.8")).passed


def test_one_photo_above_the_threshold_passes() -> None:
    decision = decide(of_disease(right_of(81, 100)), threshold_alone("0.8"))
    assert decision.passed
    require_passed(decision)


@given(st.integers(1, 400), st.integers(0, 99))
def test_equal_never_passes_whatever_binary_fractions_say(photos: int, percent: int) -> None:
    threshold = Decimal(percent) / 100
    equal = Fraction(threshold) * photos
    if equal.denominator == 1:
        assert not decide(of_disease(right_of(int(equal), photos)), threshold_alone(threshold)).passed
    above = int(equal) + 1
    assert decide(of_disease(right_of(min(above, photos), photos)), threshold_alone(threshold)).passed is (
        above <= photos
    )


def test_nothing_tested_does_not_pass_even_a_threshold_of_nothing() -> None:
    assert not decide(of_disease(scored(TWO, ((0, 0), (0, 0)))), bundled_policy().with_threshold(0)).passed


@pytest.mark.parametrize(("threshold", "least"), [("0.80", 218), ("0.85", 229), ("0.90", 240)])
def test_by_the_lower_end_as_many_must_be_right_as_wilsons_interval_asks(threshold: str, least: int) -> None:
    policy = parse_policy(f'[accuracy]\nthreshold = {threshold}\nby = "wilson"\n')
    assert decide(of_disease(right_of(least, 256)), policy).passed
    assert not decide(of_disease(right_of(least - 1, 256)), policy).passed


def test_by_patients_photos_of_few_patients_count_for_less() -> None:
    policy = parse_policy('[accuracy]\nthreshold = 0.80\nby = "patients"\n')
    mixed = np.random.default_rng(3).permutation(200)
    apart = scored(TWO, ((176, 24), (0, 0)))
    together = Scored(
        TWO, apart.probabilities, apart.truth, tuple(f"patient {number // 20}" for number in range(200)), apart.names
    )
    alone = Scored(TWO, apart.probabilities[mixed], apart.truth, apart.patients, apart.names)
    assert decide(of_disease(alone), policy).passed
    assert not decide(of_disease(together), policy).passed


@pytest.mark.parametrize(
    ("rules", "note"),
    [
        ("threshold = 0.8", "205 of 256 must be right"),
        ('threshold = 0.8\nby = "wilson"', "218 of 256 must be right"),
        ('threshold = 0.8\nby = "patients"', "about 218 of 256 must be right"),
        ('threshold = 0.99\nby = "wilson"', "256 photos are too few to show it"),
    ],
)
def test_a_refusal_says_how_many_would_have_to_be_right(rules: str, note: str) -> None:
    decision = decide(of_disease(right_of(128, 256)), parse_policy(f"[accuracy]\n{rules}\n"))
    assert check_of(decision, "accuracy").note == note


def test_a_class_below_its_floor_fails_though_the_accuracy_is_high() -> None:
    examined = of_disease(scored(TWO, ((95, 0), (4, 1))))
    rules = "recall.default = 0.2\nrecall.classes.melanoma = 0.25"
    decision = decide(examined, policy_of(rules, "0.9"))
    assert [check.name for check in decision.failed] == ["recall of melanoma"]
    assert check_of(decision, "recall of nevus").passed


def test_a_recall_at_its_floor_passes() -> None:
    examined = of_disease(scored(TWO, ((95, 0), (4, 1))))
    assert only(examined, "recall.default = 0.2", "recall of melanoma").passed


def test_a_floor_on_the_lower_end_asks_for_more() -> None:
    examined = of_disease(scored(TWO, ((95, 0), (4, 1))))
    assert not only(examined, 'recall.default = 0.2\nrecall.by = "wilson"', "recall of melanoma").passed


def test_a_class_without_a_test_photo_fails_any_floor_but_none() -> None:
    examined = of_disease(right_of(9, 10))
    check = only(examined, "recall.default = 0.01", "recall of melanoma")
    assert (check.passed, check.found, check.n, check.note) == (False, None, 0, "no test photo of it")
    assert only(examined, "recall.default = 0", "recall of melanoma").passed


def test_a_floor_for_a_class_that_is_none_is_an_error() -> None:
    with pytest.raises(BadPolicy, match="melanom"):
        decide(of_disease(right_of(9, 10)), policy_of("recall.classes.melanom = 0.5"))


def test_balanced_accuracy_counts_rare_classes_as_much_as_common_ones() -> None:
    examined = of_disease(scored(TWO, ((90, 0), (6, 4))))
    check = only(examined, "balanced_accuracy.at_least = 0.7", "balanced accuracy")
    assert check.passed
    assert check.found == pytest.approx(0.7)
    assert not only(examined, "balanced_accuracy.at_least = 0.701", "balanced accuracy").passed
    by_patients = 'balanced_accuracy.at_least = 0.7\nbalanced_accuracy.by = "patients"'
    assert not only(examined, by_patients, "balanced accuracy").passed


def test_probabilities_that_promise_too_much_fail() -> None:
    rules = "calibration.error_at_most = 0.1"
    sure = of_disease(scored(TWO, ((60, 40), (0, 0)), confidence=0.95))
    honest = of_disease(scored(TWO, ((60, 40), (0, 0)), confidence=0.6))
    assert not only(sure, rules, "calibration error").passed
    assert only(honest, rules, "calibration error").passed


def test_worse_than_the_served_model_by_more_than_the_margin_fails() -> None:
    served, examined = right_of(90, 100), of_disease(right_of(87, 100))
    name = "accuracy beside the served model's"
    check = only(examined, "served.margin = 0.02", name, served)
    assert (check.passed, check.n) == (False, 100)
    assert check.found == pytest.approx(-0.03)
    assert only(examined, "served.margin = 0.03", name, served).passed, "exactly the margin is allowed"
    assert only(examined, "served.margin = 0.00", name, right_of(87, 100)).passed, "as good is not worse"


def test_with_patients_the_whole_interval_of_the_difference_must_lie_above_the_margin() -> None:
    rules = 'served.margin = 0.03\nserved.by = "patients"'
    check = only(of_disease(right_of(88, 100)), rules, "accuracy beside the served model's", right_of(90, 100))
    assert check.passed is False
    assert check.interval is not None
    assert check.interval[0] < -0.03


def test_the_served_model_may_have_its_labels_in_another_order() -> None:
    turned = scored(TWO[::-1], ((0, 0), (10, 90)))
    check = only(of_disease(right_of(90, 100)), "served.margin = 0", "accuracy beside the served model's", turned)
    assert (check.passed, check.found) == (True, 0)


def test_a_served_model_that_tells_other_labels_apart_cannot_be_compared_and_fails() -> None:
    other = scored(("nevus", "wart"), ((90, 10), (0, 0)))
    check = only(of_disease(right_of(90, 100)), "served.margin = 0", "accuracy beside the served model's", other)
    assert (check.passed, check.note) == (False, "the served model tells other labels apart")


def test_where_no_model_serves_there_is_nothing_to_be_worse_than() -> None:
    check = only(of_disease(right_of(1, 100)), "served.margin = 0", "accuracy beside the served model's")
    assert (check.passed, check.note) == (True, "no model serves yet")


@pytest.mark.parametrize(("refuses", "passed"), [(True, False), (False, None)])
def test_a_served_model_that_was_not_asked_is_told_and_refuses_where_it_must(
    refuses: bool, passed: bool | None
) -> None:
    served = NotCompared("the model that serves cannot be asked: damaged", refuses=refuses)
    decision = decide(of_disease(right_of(90, 100)), policy_of("served.margin = 0"), served)
    check = check_of(decision, "accuracy beside the served model's")
    assert (check.passed, check.note) == (passed, served.why)
    assert decision.passed is not refuses


def test_answers_to_other_photos_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="same photos"):
        decide(of_disease(right_of(90, 100)), policy_of("served.margin = 0"), right_of(90, 101))


@pytest.mark.parametrize(
    ("rules", "name", "passed"),
    [
        ("photos.at_least = 100", "test photos", True),
        ("photos.at_least = 101", "test photos", False),
        ("photos.each_class_at_least = 5", "test photos of the rarest class", True),
        ("photos.each_class_at_least = 6", "test photos of the rarest class", False),
        ("photos.patients_at_least = 25", "test patients", True),
        ("photos.patients_at_least = 26", "test patients", False),
    ],
)
def test_too_few_test_photos_or_patients_fail(rules: str, name: str, passed: bool) -> None:
    examined = of_disease(scored(TWO, ((95, 0), (0, 5)), photos_a_patient=4))
    assert only(examined, rules, name).passed is passed


def test_made_examples_are_not_counted_as_photos_or_patients() -> None:
    answers = suitability_model(90, 100)
    examined = replace(answers, made_from=HeldOut(photos=20, patients=9))
    decision = decide(examined, policy_of("photos.at_least = 100\nphotos.patients_at_least = 10"))
    assert [(check.name, check.found) for check in decision.failed] == [("test photos", 20), ("test patients", 9)]
    assert (decision.collect[0].label, decision.collect[0].test_photos) == ("all", 80)
    assert decision.collect[0].why == "20 test photos, 100 asked for; of 1 further patients, at least one photo each"
    assert decide(answers, policy_of("photos.at_least = 100")).passed


def test_a_suitability_model_that_refuses_too_many_usable_photos_fails() -> None:
    rules, name = "suitability.usable_passed_at_least = 0.9", "usable photos let through"
    assert not only(suitability_model(89, 100), rules, name).passed
    assert only(suitability_model(90, 100), rules, name).passed
    assert not only(suitability_model(0, 0), rules, name).passed


def test_a_disease_model_is_not_asked_about_usable_photos() -> None:
    decision = decide(of_disease(right_of(9, 10)), policy_of("suitability.usable_passed_at_least = 0.9"))
    assert [check.name for check in decision.checks] == ["accuracy"]


def test_limits_of_the_file_wait_for_the_file() -> None:
    rules = "limits.file_megabytes_at_most = 2.5\nlimits.milliseconds_at_most = 4"
    examined = of_disease(right_of(9, 10))
    early = decide(examined, policy_of(rules))
    assert early.passed
    assert [check.passed for check in early.checks[1:]] == [None, None]

    def with_file(cost: FileCost) -> list[bool | None]:
        full = Examined("disease", examined.scored, examined.trained_on, file=cost)
        return [check.passed for check in decide(full, policy_of(rules)).checks[1:]]

    assert with_file(FileCost(2_500_000, 4.0)) == [True, True]
    assert with_file(FileCost(2_500_001, 4.1)) == [False, False]


def test_every_check_is_shown_with_its_numbers_passed_or_not() -> None:
    model = skin_model()
    decision = decide(model, bundled_policy())
    names = [check.name for check in decision.checks]
    assert len(names) == len(set(names)) == 15
    found = check_of(decision, "accuracy")
    assert (found.wanted, found.n) == ("above 0.80", 121)
    assert found.found == pytest.approx(79 / 121)
    reported = estimate(accuracy(model.scored), model.scored.clusters())
    assert found.interval == (reported.low, reported.high), "the report says the same"


def test_a_threshold_of_usable_photos_belongs_to_suitability_alone() -> None:
    answers = right_of(9, 10)
    with pytest.raises(ValueError, match="threshold"):
        Examined("suitability", answers, {})
    with pytest.raises(ValueError, match="threshold"):
        Examined("disease", answers, {}, usable_threshold=0.5)


def test_without_photos_the_served_model_is_not_beaten() -> None:
    nothing = scored(TWO, ((0, 0), (0, 0)))
    decision = decide(of_disease(nothing), policy_of("served.margin = 0"), nothing)
    assert [check.passed for check in decision.checks] == [False, False]
