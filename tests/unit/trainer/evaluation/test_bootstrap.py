"""Intervals over patients: they cover, they know that photos of a patient resemble each other, and they repeat."""

import numpy as np
import pytest

from tests.unit.trainer.evaluation.cases import drawn_scored, scored_of
from trainer.evaluation.bootstrap import cluster_draws, difference, estimate, estimates
from trainer.evaluation.headline import headline, per_class
from trainer.evaluation.numbers.probability import mean
from trainer.evaluation.numbers.refusals import all_caught
from trainer.evaluation.numbers.shares import accuracy, recall
from trainer.evaluation.scored import Scored

RIGHT, WRONG = [0.9, 0.1], [0.1, 0.9]


def answers(right: list[bool], patients: list[str] | None = None) -> Scored:
    return scored_of([RIGHT if one else WRONG for one in right], [0] * len(right), labels=("a", "b"), patients=patients)


def test_models_on_other_photos_are_not_compared() -> None:
    one, other = answers([True, False]), answers([True, False], ["p", "q"])
    with pytest.raises(ValueError, match="same photos"):
        difference(accuracy, one, other)


def test_all_right_is_not_certainty() -> None:
    found = estimate(accuracy(answers([True] * 20)), answers([True] * 20).clusters())
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(0.839, abs=1e-3), "Wilson's lower end for 20 of 20"


def test_twenty_photos_of_two_patients_say_as_little_as_two_photos() -> None:
    scored = answers([True] * 20, ["p"] * 10 + ["q"] * 10)
    assert estimate(accuracy(scored), scored.clusters()).low == pytest.approx(0.342, abs=1e-3)


def test_all_caught_is_not_certainty_though_the_threshold_moves() -> None:
    usable = [[0.5 + place / 100, 0.5 - place / 100] for place in range(40)]
    scored = scored_of(
        [*usable, [0.499, 0.501], *[[0.1, 0.9]] * 39], [0] * 40 + [1] * 40, labels=("usable", "watermark")
    )
    found = estimate(all_caught(scored), scored.clusters())
    assert found.value == found.high == 1.0
    assert found.low <= 0.913, "Wilson's lower end for 40 of 40"


def test_nothing_is_said_of_no_photos() -> None:
    empty = answers([])
    assert np.isnan(estimate(accuracy(empty), empty.clusters()).value)
    some = answers([True, False])
    assert np.isnan(estimate(recall(some, "b"), some.clusters()).low)


def test_the_interval_of_independent_photos_is_the_binomial_one() -> None:
    right = [True] * 160 + [False] * 40
    found = estimate(accuracy(answers(right)), answers(right).clusters())
    assert found.value == 0.8
    assert found.low == pytest.approx(0.8 - 1.96 * 0.0283, abs=0.01)
    assert found.high == pytest.approx(0.8 + 1.96 * 0.0283, abs=0.01)


def test_the_interval_widens_where_a_patient_is_all_right_or_all_wrong() -> None:
    right = ([True] * 16 + [False] * 4) * 10
    patients = [str(number % 20) for number in range(200)]
    found = estimate(accuracy(answers(right, patients)), answers(right, patients).clusters())
    alone = estimate(accuracy(answers(right)), answers(right).clusters())
    assert found.high - found.low > 2.5 * (alone.high - alone.low)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(120):
        of_patient = rng.beta(6, 2, 60)  # mean 0.75
        right = (rng.random((60, 3)) < of_patient[:, None]).ravel().tolist()
        scored = answers(right, [str(number) for number in range(60) for _ in range(3)])
        found = estimate(accuracy(scored), scored.clusters(), draws=400)
        covered += found.low <= 0.75 <= found.high
    assert covered >= 120 * 0.88


def test_the_same_seed_gives_the_same_numbers_whatever_else_is_asked() -> None:
    scored = drawn_scored(1, 60, patients=20)
    clusters = scored.clusters()
    both = estimates({"x": accuracy(scored), "y": recall(scored, "a")}, clusters, seed=4)
    assert both["y"] == estimate(recall(scored, "a"), clusters, seed=4)
    assert both["x"] != estimate(accuracy(scored), clusters, seed=5)


def test_a_mean_of_one_is_no_share_and_gets_no_interval_of_a_share() -> None:
    found = estimate(mean(np.ones(30)), np.arange(30))
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_draws_take_whole_patients_and_as_many_as_there_are() -> None:
    clusters = np.array([7, 7, 3, 9, 3, 3])
    weights = np.concatenate(list(cluster_draws(clusters, 50, 0)))
    assert weights.shape == (50, 6)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 3]].sum(1) == 3).all()


def test_the_paired_difference_sees_what_two_intervals_hide() -> None:
    rng = np.random.default_rng(2)
    worse = (rng.random(300) < 0.7).tolist()
    better = [one or place % 15 == 0 for place, one in enumerate(worse)]
    gap = difference(accuracy, answers(better), answers(worse))
    assert 0 < gap.low < gap.value < gap.high
    first, second = (estimate(accuracy(answers(one)), answers(one).clusters()) for one in (better, worse))
    assert first.low < second.high, "apart they overlap"


def test_the_headline_of_each_task_names_its_numbers() -> None:
    disease = headline(drawn_scored(1, 80, patients=30, labels=tuple("abcde")), 0.5, ("b", "c"), draws=100)
    assert {"accuracy", "malignant_auc", "within_first_3", "decided_share", "aurc"} <= set(disease)
    suitability = headline(drawn_scored(1, 80, labels=("usable", "watermark", "not_skin")), 0.5, draws=100)
    assert {"usable_auc", "usable_passed", "spoilt_refused", "caught_at_5_percent_watermark"} <= set(suitability)
    assert all(one.low <= one.value <= one.high for name, one in disease.items() if "calibration" not in name)
    assert set(per_class(drawn_scored(1, 80), draws=50)["a"]) == {"recall", "auc", "average_precision"}
