"""The numbers are right where they can be worked out by hand."""

import numpy as np
import pytest

from trainer.metrics import (
    best_temperature,
    calibration_error,
    confusion,
    softmax,
    usable_threshold,
    wilson,
    within_first,
)

LABELS = ("a", "b", "c")
TABLE = confusion(LABELS, np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0]))


def test_a_share_of_nothing_is_known_to_be_anywhere() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_wilson_gives_the_textbook_interval() -> None:
    share = wilson(218, 256)
    assert share.value == pytest.approx(0.8516, abs=1e-4)
    assert share.low == pytest.approx(0.803, abs=1e-3)
    assert wilson(5, 5).high == 1.0


def test_the_share_itself_is_always_within_its_interval() -> None:
    for n in range(1, 200):
        for hits in (0, 1, n - 1, n):
            share = wilson(hits, n)
            assert 0 <= share.low <= share.value <= share.high <= 1


def test_a_confusion_table_counts_truth_by_row() -> None:
    assert TABLE.counts.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert TABLE.accuracy.value == pytest.approx(0.6)
    assert TABLE.recall("a").value == pytest.approx(2 / 3)
    assert TABLE.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2) / 2), "a label that does not occur is left out"
    assert TABLE.most_taken_for("a") == "b"
    assert TABLE.most_taken_for("c") is None


def test_within_first_counts_the_likeliest() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    assert within_first(probabilities, np.array([1, 0]), 1).value == 0
    assert within_first(probabilities, np.array([1, 0]), 2).value == 0.5


def test_the_temperature_found_undoes_overconfidence() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (4000, 3))
    truth = np.array([rng.choice(3, p=row) for row in softmax(logits, 1.0)])
    assert best_temperature(logits * 2.5, truth) == pytest.approx(2.5, rel=0.12)
    assert calibration_error(softmax(logits * 2.5, 2.5), truth) < calibration_error(softmax(logits * 2.5, 1.0), truth)


def test_the_threshold_stays_a_half_unless_another_is_better() -> None:
    clear = np.array([0.9, 0.8, 0.1, 0.2])
    usable = np.array([True, True, False, False])
    assert usable_threshold(clear, usable) == 0.5
    assert usable_threshold(np.array([0.95, 0.8, 0.62, 0.1]), usable) == 0.65
