"""Every number is right where it can be worked out by hand, and keeps its laws everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.rules import SUITABILITY_LABELS
from tests.unit.trainer.evaluation.cases import LABELS, drawn_scored, scored_of, seeds
from trainer.evaluation.bootstrap import Statistic, point
from trainer.evaluation.numbers.probability import brier, calibration_error, log_loss, reliability
from trainer.evaluation.numbers.ranking import auc, average_precision, group_auc, macro_auc, roc_curve
from trainer.evaluation.numbers.refusals import all_caught, caught, threshold_at, unusable_refused, usable_passed
from trainer.evaluation.numbers.selection import (
    accuracy_at_coverage,
    accuracy_when_decided,
    aurc,
    decided_share,
    risk_coverage,
)
from trainer.evaluation.numbers.shares import accuracy, balanced_accuracy, class_numbers, macro_f1, recall, top
from trainer.evaluation.scored import Scored

FOUR = scored_of([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]], [0, 1, 1, 0])


def value(statistic: Statistic, scored: Scored = FOUR) -> float:
    return point(statistic, len(scored))


def test_shares_by_hand() -> None:
    assert value(accuracy(FOUR)) == 0.5
    assert value(balanced_accuracy(FOUR)) == pytest.approx((1 / 2 + 1 / 2) / 2), "c does not occur and is left out"
    assert value(recall(FOUR, "a")) == 0.5
    assert np.isnan(value(recall(FOUR, "c"))), "of nothing, nothing is said"
    assert value(top(FOUR, 2)) == 1.0
    assert value(macro_f1(FOUR)) == pytest.approx((2 / 4 + 2 / 3) / 2)


def test_a_class_against_the_rest_by_hand() -> None:
    a, b, c = class_numbers(FOUR, draws=20)
    assert (a.sensitivity.value, a.specificity.value, a.ppv.value, a.npv.value, a.f1) == (0.5, 0.5, 0.5, 0.5, 0.5)
    assert (b.sensitivity.value, b.specificity.value, b.ppv.value) == (0.5, 1.0, 1.0)
    assert b.npv.value == b.f1 == pytest.approx(2 / 3)
    assert (c.sensitivity.n, c.f1, c.specificity.value) == (0, 0.0, 0.75)


def test_losses_by_hand() -> None:
    assert value(log_loss(FOUR)) == pytest.approx(-np.log([0.7, 0.4, 0.8, 0.3]).mean())
    by_hand = [0.09 + 0.04 + 0.01, 0.25 + 0.36 + 0.01, 0.01 + 0.04 + 0.01, 0.49 + 0.09 + 0.16]
    assert value(brier(FOUR)) == pytest.approx(np.mean(by_hand))


def test_risk_and_coverage_by_hand() -> None:
    curve = risk_coverage(FOUR)
    assert curve.confidence.tolist() == [0.8, 0.7, 0.5, 0.4]
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert value(aurc(FOUR)) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert value(accuracy_at_coverage(FOUR, 0.5)) == 1.0
    assert value(accuracy_at_coverage(FOUR, 0.75)) == pytest.approx(2 / 3)
    assert value(decided_share(FOUR, 0.5)) == 0.75, "reaching the threshold decides"
    assert value(accuracy_when_decided(FOUR, 0.5)) == pytest.approx(2 / 3)
    assert np.isnan(value(accuracy_when_decided(FOUR, 0.9)))


def suitability(usable: list[float], spoilt: dict[str, list[float]]) -> Scored:
    """Photos by their P(usable); the rest of the probability goes to `watermark`."""
    pairs = [("usable", one) for one in usable] + [(label, one) for label, many in spoilt.items() for one in many]
    rows = [[one if label == "usable" else (1 - one) * (label == "watermark") for label in SUITABILITY_LABELS]
            for _, one in pairs]  # fmt: skip
    truth = [SUITABILITY_LABELS.index(label) for label, _ in pairs]
    return scored_of(rows, truth, labels=SUITABILITY_LABELS)


def test_faults_are_caught_at_the_price_of_five_in_a_hundred_usable_photos() -> None:
    usable = [0.30] + [0.5 + place / 100 for place in range(19)]
    scored = suitability(usable, {"watermark": [0.2, 0.49, 0.5, 0.9], "not_skin": [0.45]})
    assert threshold_at(scored) == 0.5, "one of twenty lies below"
    assert value(caught(scored, "watermark"), scored) == 0.5, "at the threshold a photo still passes"
    assert value(caught(scored, "not_skin"), scored) == 1.0
    assert value(all_caught(scored), scored) == pytest.approx(3 / 5)
    assert threshold_at(scored, 0.0) == 0.30
    assert value(usable_passed(scored, 0.5), scored) == 0.95
    assert value(unusable_refused(scored, 0.5), scored) == pytest.approx(3 / 5)


def test_without_usable_photos_no_price_can_be_named() -> None:
    scored = suitability([], {"watermark": [0.2, 0.9]})
    assert np.isnan(threshold_at(scored))
    assert np.isnan(value(caught(scored, "watermark"), scored))


def test_a_ranking_without_one_of_the_sides_says_nothing() -> None:
    scores = np.array([0.1, 0.9])
    assert np.isnan(point(auc(scores, np.array([True, True])), 2))
    assert np.isnan(point(average_precision(scores, np.array([False, False])), 2))
    assert roc_curve(scores, np.array([True, True])).false_positive_rate.tolist() == [0.0, 1.0]


def test_average_precision_by_hand() -> None:
    found = average_precision(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False]))
    assert point(found, 4) == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_average_precision_takes_equals_together() -> None:
    found = average_precision(np.array([0.9, 0.5, 0.5, 0.5]), np.array([False, True, True, False]))
    assert point(found, 4) == pytest.approx(2 / 4)


def test_the_auc_of_a_group_takes_its_labels_together() -> None:
    assert value(group_auc(FOUR, ("a", "c"))) == value(auc(1 - FOUR.probability_of("b"), ~FOUR.is_truly("b")))


scores_and_sides = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda pairs: 0 < sum(side for _, side in pairs) < len(pairs)
)


@given(scores_and_sides)
def test_auc_is_the_mann_whitney_count_and_the_area_under_the_curve(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in pairs], dtype=np.float64)
    positive = np.array([side for _, side in pairs])
    wins = [(one > other) + (one == other) / 2 for one in scores[positive] for other in scores[~positive]]
    found = point(auc(scores, positive), len(pairs))
    assert found == pytest.approx(np.mean(wins))
    curve = roc_curve(scores, positive)
    across, up = curve.false_positive_rate, curve.true_positive_rate
    assert found == pytest.approx((np.diff(across) * (up[1:] + up[:-1]) / 2).sum())


@given(scores_and_sides)
def test_turning_the_scores_round_turns_the_auc_round(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in pairs], dtype=np.float64)
    positive = np.array([side for _, side in pairs])
    assert point(auc(-scores, positive), len(pairs)) == pytest.approx(1 - point(auc(scores, positive), len(pairs)))


def every_number(scored: Scored) -> list[float]:
    made = (
        accuracy(scored), balanced_accuracy(scored), macro_f1(scored), macro_auc(scored), top(scored, 2),
        log_loss(scored), brier(scored), calibration_error(scored), calibration_error(scored, "mass"), aurc(scored),
        accuracy_at_coverage(scored, 0.6), precision_of_a(scored),
    )  # fmt: skip
    return [value(one, scored) for one in made]


@given(seeds)
@settings(max_examples=25)
def test_the_order_of_the_photos_does_not_matter(seed: int) -> None:
    scored = drawn_scored(seed, 30)
    turned = np.random.default_rng(seed).permutation(30)
    again = scored_of(scored.probabilities[turned].tolist(), scored.truth[turned].tolist())
    assert every_number(again) == pytest.approx(every_number(scored), nan_ok=True)


def precision_of_a(scored: Scored) -> Statistic:
    return average_precision(scored.probability_of("a"), scored.is_truly("a"))


@given(seeds)
@settings(max_examples=25)
def test_a_weight_of_two_is_a_photo_counted_twice(seed: int) -> None:
    scored = drawn_scored(seed, 20)
    times = np.random.default_rng(seed).integers(1, 4, 20)
    twice = np.repeat(np.arange(20), times)
    repeated = scored_of(scored.probabilities[twice].tolist(), scored.truth[twice].tolist())
    makers = (
        accuracy,
        balanced_accuracy,
        macro_f1,
        macro_auc,
        log_loss,
        brier,
        calibration_error,
        aurc,
        precision_of_a,
    )
    for make in makers:
        weighted = float(make(scored).values(times[None].astype(np.float64))[0])
        assert weighted == pytest.approx(value(make(repeated), repeated), nan_ok=True), make.__name__


def test_a_calibrated_model_has_nearly_no_calibration_error() -> None:
    scored = drawn_scored(3, 4900)
    assert value(calibration_error(scored), scored) < 0.03
    assert value(calibration_error(scored, "mass"), scored) < 0.03
    assert all(one.right.low - 0.02 <= one.confidence <= one.right.high + 0.02 for one in reliability(scored))


def test_bins_hold_every_photo_once() -> None:
    scored = drawn_scored(4, 203)
    for binning in ("width", "mass"):
        bins = reliability(scored, binning)
        assert sum(one.right.n for one in bins) == 203


def test_the_calibration_error_is_the_mean_gap_of_confidence_and_rightness() -> None:
    assert value(calibration_error(FOUR)) == pytest.approx((0.3 + 0.5 + 0.2 + 0.4) / 4)


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=12))
def test_all_right_and_certain_is_perfect(truth: list[str]) -> None:
    places = [LABELS.index(label) for label in truth]
    scored = scored_of(np.eye(3)[places].tolist(), places)
    assert value(accuracy(scored), scored) == value(balanced_accuracy(scored), scored) == 1
    assert value(brier(scored), scored) == value(aurc(scored), scored) == value(calibration_error(scored), scored) == 0
