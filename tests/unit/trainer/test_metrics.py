"""The numbers are right where they can be worked out by hand."""

import numpy as np
import pytest

from trainer.metrics import confusion, usable_threshold, wilson

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
    assert TABLE.recall("a").value == pytest.approx(2 / 3)
    assert TABLE.most_taken_for("a") == "b"
    assert TABLE.most_taken_for("c") is None


def test_the_threshold_stays_a_half_unless_another_is_better() -> None:
    clear = np.array([0.9, 0.8, 0.1, 0.2])
    usable = np.array([True, True, False, False])
    assert usable_threshold(clear, usable) == 0.5
    assert usable_threshold(np.array([0.95, 0.8, 0.62, 0.1]), usable) == 0.65


def test_with_photos_of_one_kind_alone_the_threshold_stays_a_half() -> None:
    for kind in (True, False):
        assert usable_threshold(np.array([0.2, 0.3]), np.array([kind, kind])) == 0.5
    assert usable_threshold(np.zeros(0), np.zeros(0, dtype=np.bool_)) == 0.5


def test_the_threshold_is_tried_as_serving_compares() -> None:
    usable = np.array([True, False])
    assert usable_threshold(np.array([0.69999999, 0.66]), usable) == 0.7
