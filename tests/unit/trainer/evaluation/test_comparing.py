"""What the patient's facts are worth: numbers without and with them, and the gain on the same photos."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from inference.rules import SUITABILITY_LABELS
from tests.unit.trainer.evaluation.cases import drawn_scored
from trainer.evaluation.comparing import compare
from trainer.evaluation.findings import Findings, find
from trainer.evaluation.scored import Scored

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SEXES = ("F", "M", "") * 40


def alone() -> Scored:
    return replace(drawn_scored(4, 120, patients=50), subgroups={"sex": SEXES, "source": ("x",) * 120})


def told() -> Scored:
    """The same photos, each nearer to the truth."""
    given = alone()
    return given.with_probabilities(0.6 * given.probabilities + 0.4 * np.eye(3)[given.truth])


def found(scored: Scored, title: str = "x") -> Findings:
    return find(title, scored, 0.5, ("c",), draws=100, korean="가")


def test_other_photos_and_other_tasks_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same photos"):
        compare(found(alone()), found(drawn_scored(5, 120, patients=50)), draws=20)
    suitability = find("x", drawn_scored(1, 40, labels=SUITABILITY_LABELS), 0.5, draws=20)
    with pytest.raises(ValueError, match="rankings"):
        compare(suitability, suitability, draws=20)


def test_facts_that_tell_gain_and_those_that_tell_nothing_gain_nothing() -> None:
    better = compare(found(alone()), found(told(), "with facts"), draws=200)
    rows = {row.name: row for row in better.rows}
    assert {"accuracy", "balanced_accuracy", "malignant_auc", "calibration_error", "referred_share"} <= set(rows)
    accuracy = rows["accuracy"]
    assert accuracy.gain.value == pytest.approx(accuracy.told.value - accuracy.alone.value)
    assert accuracy.gain.low > 0
    assert rows["log_loss"].gain.high < 0
    assert (better.title, better.korean, better.photos, better.known) == ("with facts", "가", 120, {"sex": 80})
    assert better.moved == int((alone().named != told().named).sum()) > 0
    same = compare(found(alone()), found(alone()), draws=50)
    assert same.moved == 0
    assert {(row.gain.value, row.gain.low, row.gain.high) for row in same.rows} == {(0, 0, 0)}


def test_the_report_shows_the_gain_in_both_languages() -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra 'train' (matplotlib), which is not installed")
    from trainer.evaluation.report.page import Report, report_page  # noqa: PLC0415 - needs matplotlib

    comparison = compare(found(alone()), found(told()), draws=50)
    page = report_page(Report("x", NOW, [], comparisons=(comparison,)))
    assert "What is said of the patient: what it changes" in page
    assert "Of 120 photos are known: sex of 80." in page
    assert "사진 120장 중 알려진 것: 성별 80장." in page
    gain = next(row.gain for row in comparison.rows if row.name == "accuracy")
    assert f'{gain.value:+.3f} <small><span lang="en">{gain.low:+.3f} to {gain.high:+.3f}</span>' in page
