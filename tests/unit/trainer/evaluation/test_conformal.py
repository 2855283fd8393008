"""Prediction sets hold the truth as often as they promise, on patients who had no say in them."""

import numpy as np
import pytest

from tests.unit.trainer.evaluation.cases import drawn_scored, scored_of
from trainer.evaluation.conformal import METHODS, Method, conformal, cross_conformal, halves, nonconformity


@pytest.mark.parametrize("method", METHODS)
def test_too_small_a_tune_side_promises_nothing_and_names_everything(method: Method) -> None:
    sets = conformal(drawn_scored(1, 5), drawn_scored(2, 40), method)
    assert (sets.coverage.value, sets.size.value, sets.single.value) == (1.0, 3.0, 0.0)


@pytest.mark.parametrize("method", METHODS)
def test_sets_cover_what_they_promise(method: Method) -> None:
    sets = conformal(drawn_scored(1, 1500), drawn_scored(2, 1500), method)
    assert 0.87 <= sets.coverage.value <= (0.93 if method == "lac" else 1.0)
    assert 1.0 <= sets.size.value < 3.0


def test_the_smallest_sets_are_those_of_lac() -> None:
    lac, aps = (conformal(drawn_scored(1, 900), drawn_scored(2, 900), method) for method in METHODS)
    assert lac.size.value < aps.size.value


def test_without_a_tune_side_each_half_is_tried_by_the_other() -> None:
    scored = drawn_scored(1, 900, patients=200)
    sets = cross_conformal(scored, "lac")
    assert 0.86 <= sets.coverage.value <= 0.94
    assert set(sets.by_label) == {"a", "b", "c"}


def test_how_ill_a_label_fits_by_hand() -> None:
    rows = np.array([[0.2, 0.7, 0.1]])
    assert nonconformity(rows, "lac")[0].tolist() == pytest.approx([0.8, 0.3, 0.9])
    assert nonconformity(rows, "aps")[0].tolist() == pytest.approx([0.9, 0.7, 1.0])


def test_halves_keep_a_patient_together_whatever_the_order() -> None:
    scored = drawn_scored(3, 60, patients=15)
    first = halves(scored)
    sides = {patient: set() for patient in scored.patients}  # type: dict[str, set[bool]]
    for patient, side in zip(scored.patients, first.tolist(), strict=True):
        sides[patient].add(side)
    assert all(len(side) == 1 for side in sides.values())
    back = scored_of(scored.probabilities[::-1].tolist(), scored.truth[::-1].tolist(), patients=scored.patients[::-1])
    assert halves(back).tolist() == first.tolist()[::-1]
