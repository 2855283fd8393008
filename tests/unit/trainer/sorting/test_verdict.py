"""The rules, on numbers alone."""

from dataclasses import asdict, replace

import pytest

from tests.unit.trainer.sorting.numbers import GOOD
from trainer.sorting.measuring import Measures
from trainer.sorting.thresholds import BUNDLED, Criterion, Thresholds, read_thresholds
from trainer.sorting.verdict import WORDS, judge

BOUNDS = read_thresholds(BUNDLED)


def changed(measure: str, value: float) -> Measures:
    numbers = {**asdict(GOOD), measure: value}
    return Measures(**numbers)


@pytest.mark.parametrize(
    ("measure", "value", "reason"),
    [
        ("lesion_share", 0.001, "lesion_too_small"),
        ("lesion_count", 30, "scattered_lesions"),
        ("focus", 0.2, "out_of_focus"),
        ("lesion_focus", 0.1, "out_of_focus"),
        ("haze", 0.95, "out_of_focus"),
        ("print_score", 12.0, "watermark"),
        ("bar_share", 0.2, "watermark"),
        ("repeat_score", 0.9, "watermark"),
        ("median_luminance", 0.01, "underexposed"),
        ("median_luminance", 0.95, "overexposed"),
        ("blown_share", 0.5, "overexposed"),
        ("skin_share", 0.0, "not_skin"),
        ("colour_spread", 70.0, "not_skin"),
    ],
)
def test_each_bound_that_breaks_gives_its_reason(measure: str, value: float, reason: str) -> None:
    verdict = judge(changed(measure, value), BOUNDS)
    assert (verdict.usable, verdict.label) == (False, reason)
    assert WORDS[measure] in verdict.explanation
    assert f"{value:.3g}" in verdict.explanation


def test_good_measures_are_usable_and_say_what_is_nearest_to_its_bound() -> None:
    verdict = judge(GOOD, BOUNDS)
    assert (verdict.usable, verdict.label, verdict.reasons) == (True, "usable", ())
    assert "nearest to its bound" in verdict.explanation


@pytest.mark.parametrize(
    ("side", "value", "usable"), [("least", 0.5, True), ("least", 0.499, False), ("most", 0.5, True)]
)
def test_a_value_at_its_bound_is_good(side: str, value: float, usable: bool) -> None:
    criterion = Criterion("out_of_focus", "focus", "least" if side == "least" else "most", 0.5)
    assert judge(replace(GOOD, focus=value), Thresholds((criterion,))).usable is usable


def test_one_reason_is_told_once_with_its_worst_bound_and_no_skin_comes_before_softness() -> None:
    verdict = judge(replace(GOOD, focus=0.5, lesion_focus=0.01, skin_share=0.0), BOUNDS)
    assert [(one.criterion.reason, one.criterion.measure) for one in verdict.reasons] == [
        ("not_skin", "skin_share"),
        ("out_of_focus", "lesion_focus"),
    ]


def test_margins_are_shares_of_the_bound() -> None:
    verdict = judge(replace(GOOD, focus=0.25), Thresholds((Criterion("out_of_focus", "focus", "least", 1.0, 0.5),)))
    assert verdict.reasons[0].margin == pytest.approx(-0.5)
