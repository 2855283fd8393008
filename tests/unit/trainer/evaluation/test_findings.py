"""Findings: the tune side has its say in temperature and sets, and the test side none."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from inference.rules import SUITABILITY_LABELS
from tests.unit.trainer.evaluation.cases import drawn_scored
from trainer.evaluation.answers import Answers
from trainer.evaluation.findings import find
from trainer.evaluation.record import Evaluation, as_json
from trainer.evaluation.session import Tried
from trainer.evaluation.strangers import Strangers


def test_with_a_tune_side_the_temperature_is_tried_on_every_test_photo() -> None:
    test, tune = drawn_scored(1, 90), drawn_scored(2, 400)
    found = find("x", test, 0.5, tune=tune, draws=20).calibration
    assert (found.tuned_on, found.photos) == ("tune side", 90)
    assert found.temperature == find("x", drawn_scored(3, 50), 0.5, tune=tune, draws=20).calibration.temperature


def test_without_a_tune_side_half_of_the_patients_has_its_say() -> None:
    found = find("x", drawn_scored(1, 90, patients=30), 0.5, draws=20).calibration
    assert found.tuned_on == "other half"
    assert 0 < found.photos < 90


def test_a_suitability_model_has_a_verdict_table_and_a_strict_threshold() -> None:
    found = find("x", drawn_scored(1, 90, labels=SUITABILITY_LABELS), 0.5, draws=20)
    assert found.verdict_table is not None
    assert found.strict_threshold is not None
    assert 0 <= found.strict_threshold <= 1
    ranking = find("x", drawn_scored(1, 90), 0.5, draws=20)
    assert (ranking.verdict_table, ranking.strict_threshold) == (None, None)


def test_strangers_are_told_by_doubt() -> None:
    known = drawn_scored(1, 60)
    unsure = Strangers("not_skin", Answers(np.full((30, 3), 1 / 3)), ("",) * 30)
    nobody = Strangers("not_skin", Answers(np.empty((0, 3))), ())
    assert find("x", known, 0.5, strangers=[unsure], draws=20).numbers["unknown_auc_not_skin"].value == 1.0
    assert "unknown_auc_not_skin" not in find("x", known, 0.5, strangers=[nobody], draws=20).numbers


def test_the_record_is_strict_json_even_where_nothing_can_be_said() -> None:
    found = find("one photo", drawn_scored(1, 1), 0.5, draws=20)
    text = as_json(Evaluation("x", datetime(2026, 1, 2, tzinfo=UTC), (Tried(found, ()),), ("a note",), 1, 2))
    whole = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert whole["looked_at"] == 2
    assert whole["findings"][0]["numbers"]["macro_auc"]["value"] is None
