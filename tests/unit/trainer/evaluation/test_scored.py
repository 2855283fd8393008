"""Answers that do not fit together are refused; parts and verdicts are what serving would say."""

import numpy as np
import pytest

from inference.rules import SUITABILITY_LABELS, give_verdict
from tests.unit.trainer.evaluation.cases import scored_of
from trainer.evaluation.scored import Scored, verdicts

ROWS = [[0.7, 0.2, 0.1], [0.2, 0.2, 0.6]]


@pytest.mark.parametrize(
    ("rows", "truth", "complaint"),
    [
        ([[0.7, 0.2, 0.2], [0.2, 0.2, 0.6]], [0, 1], "sum to 1"),
        ([[1.2, -0.1, -0.1], [0.2, 0.2, 0.6]], [0, 1], "0 to 1"),
        ([[np.nan, 0.5, 0.5], [0.2, 0.2, 0.6]], [0, 1], "0 to 1"),
        (ROWS, [0, 3], "not there"),
        (ROWS, [0, -1], "not there"),
    ],
)
def test_values_that_cannot_be_are_refused(rows: list[list[float]], truth: list[int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        scored_of(rows, truth)


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="patients has 1"):
        scored_of(ROWS, [0, 1], patients=["p"])
    with pytest.raises(ValueError, match="sex has 1"):
        scored_of(ROWS, [0, 1], subgroups={"sex": ("F",)})
    with pytest.raises(ValueError, match=r"must be \[1, 3\]"):
        Scored(("a", "b", "c"), np.array(ROWS), np.array([0]), ("",), ("x",))
    with pytest.raises(ValueError, match="each once"):
        scored_of(ROWS, [0, 1], labels=("a", "b", "b"))


def test_photos_of_one_patient_share_a_number_and_unknown_patients_do_not() -> None:
    scored = scored_of([ROWS[0]] * 5, [0] * 5, patients=["p", "", "q", "p", ""])
    numbers = scored.clusters().tolist()
    assert numbers[0] == numbers[3]
    assert len(set(numbers)) == 4


def test_a_part_keeps_everything_of_its_photos() -> None:
    scored = scored_of(ROWS, [0, 2], patients=["p", "q"], subgroups={"sex": ("F", "M")})
    part = scored.part(np.array([False, True]))
    assert (part.patients, part.names, part.subgroups["sex"], part.truth.tolist()) == (("q",), ("1.jpg",), ("M",), [2])
    assert part.named.tolist() == [2]
    assert len(scored.part(np.array([False, False]))) == 0


def test_verdicts_are_those_of_serving() -> None:
    rng = np.random.default_rng(1)
    rows = rng.dirichlet(np.full(8, 0.4), 200).astype(np.float32)
    scored = scored_of(rows.tolist(), [0] * 200, labels=SUITABILITY_LABELS)
    for row, named in zip(rows, verdicts(scored, 0.45).tolist(), strict=True):
        verdict = give_verdict(SUITABILITY_LABELS, row, 0.45)
        assert SUITABILITY_LABELS[named] == ("usable" if verdict.usable else verdict.reasons[0].code)
