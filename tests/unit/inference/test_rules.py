import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from inference.manifest import UnknownRule
from inference.rules import (
    FAULT_FLOOR,
    REASON_CODES,
    SUITABILITY_LABELS,
    give_verdict,
    is_unknown,
    malignant_probability,
    rank_diseases,
    referral_reasons,
    relative_entropy,
)

LABELS = ("nevus", "melanoma", "keratosis", "carcinoma")
MALIGNANT = ("melanoma", "carcinoma")


def softmaxes(size: int) -> st.SearchStrategy[NDArray[np.float32]]:
    logits = arrays(np.float32, size, elements=st.floats(-30, 30, width=32))
    return logits.map(lambda values: (np.exp(values) / np.exp(values).sum()).astype(np.float32))


def suitability(**by_label: float) -> list[float]:
    return [by_label.get(label, 0.0) for label in SUITABILITY_LABELS]


@pytest.mark.parametrize(
    ("probabilities", "threshold", "usable", "reasons"),
    [
        (suitability(usable=1.0), 0.5, True, []),
        (suitability(usable=0.5, watermark=0.5), 0.5, True, ["watermark"]),
        (suitability(usable=0.49, watermark=0.51), 0.5, False, ["watermark"]),
        (suitability(usable=0.7, out_of_focus=0.2, watermark=0.1), 0.5, True, ["out_of_focus"]),
        (suitability(usable=0.7, out_of_focus=0.19, watermark=0.11), 0.5, True, []),
        (suitability(usable=0.6, out_of_focus=0.19, watermark=0.21), 0.7, False, ["watermark"]),
        (suitability(usable=0.65, out_of_focus=0.19, watermark=0.16), 0.7, False, ["out_of_focus"]),
        (suitability(usable=0.1, watermark=0.3, not_skin=0.6), 0.5, False, ["not_skin", "watermark"]),
        (suitability(usable=float(np.float32(0.7)), watermark=float(np.float32(0.3))), 0.7, True, ["watermark"]),
        (suitability(usable=0.0), 0.5, False, ["lesion_too_small"]),
    ],
)
def test_the_verdict_and_its_reasons(
    probabilities: list[float], threshold: float, usable: bool, reasons: list[str]
) -> None:
    verdict = give_verdict(SUITABILITY_LABELS, probabilities, threshold)
    assert verdict.usable is usable
    assert [reason.code for reason in verdict.reasons] == reasons


def test_the_order_of_the_labels_is_the_manifests_not_ours() -> None:
    labels = SUITABILITY_LABELS[::-1]
    assert give_verdict(labels, [0.0] * 7 + [1.0], 0.5).usable


@given(softmaxes(8), st.floats(0, 1))
def test_a_verdict_always_follows_the_rules(probabilities: NDArray[np.float32], threshold: float) -> None:
    verdict = give_verdict(SUITABILITY_LABELS, probabilities, threshold)
    values = [reason.probability for reason in verdict.reasons]
    assert verdict.usable is (verdict.probability >= threshold)
    assert verdict.usable or verdict.reasons
    assert values == sorted(values, reverse=True)
    assert {reason.code for reason in verdict.reasons} <= set(REASON_CODES)
    told = {reason.code for reason in verdict.reasons}
    by_label = dict(zip(SUITABILITY_LABELS, probabilities.tolist(), strict=True))
    assert {code for code in REASON_CODES if by_label[code] >= FAULT_FLOOR + 1e-6} <= told


@given(softmaxes(4))
def test_a_ranking_holds_every_disease_once_likeliest_first(probabilities: NDArray[np.float32]) -> None:
    diseases = rank_diseases(LABELS, probabilities)
    values = [disease.probability for disease in diseases]
    assert [disease.rank for disease in diseases] == [1, 2, 3, 4]
    assert {disease.code for disease in diseases} == set(LABELS)
    assert values == sorted(values, reverse=True)
    assert math.isclose(sum(values), 1, abs_tol=1e-5)


def test_equal_diseases_keep_the_labels_order() -> None:
    assert [disease.code for disease in rank_diseases(LABELS, [0.25] * 4)] == list(LABELS)


def reasons_for(
    probabilities: list[float],
    threshold: float = 0.5,
    refer_malignant: float = 0.1,
    unknown: UnknownRule | None = None,
) -> tuple[str, ...]:
    return referral_reasons(
        rank_diseases(LABELS, probabilities),
        threshold=threshold,
        malignant=MALIGNANT,
        refer_malignant=refer_malignant,
        unknown=unknown,
    )


@pytest.mark.parametrize(
    ("probabilities", "reasons"),
    [
        ([0.95, 0.01, 0.04, 0.0], ()),
        ([0.5, 0.04, 0.42, 0.04], ()),
        ([0.499, 0.04, 0.421, 0.04], ("undecided",)),
        ([0.9, 0.05, 0.0, 0.05], ("malignant",)),
        ([0.901, 0.0499, 0.0, 0.0491], ()),
        ([0.0, 1.0, 0.0, 0.0], ("malignant",)),
        ([0.25, 0.25, 0.25, 0.25], ("undecided", "malignant")),
    ],
)
def test_what_refers_a_case(probabilities: list[float], reasons: tuple[str, ...]) -> None:
    assert reasons_for(probabilities) == reasons


@pytest.mark.parametrize("threshold", [0.7, 0.8, 0.85, 0.9, 0.95])
def test_reaching_the_threshold_counts_in_the_models_own_precision(threshold: float) -> None:
    first = np.float32(threshold)
    assert "undecided" not in reasons_for([float(first), 0.0, 1 - float(first), 0.0], threshold)


def test_malignant_diseases_are_summed() -> None:
    assert malignant_probability(rank_diseases(LABELS, [0.4, 0.3, 0.2, 0.1]), MALIGNANT) == 0.4


@pytest.mark.parametrize(
    ("rule", "threshold", "probabilities", "unknown"),
    [
        ("max_probability", 0.4, [0.39, 0.21, 0.2, 0.2], True),
        ("max_probability", 0.4, [0.4, 0.2, 0.2, 0.2], False),
        ("entropy", 0.9, [0.25, 0.25, 0.25, 0.25], True),
        ("entropy", 0.9, [1.0, 0.0, 0.0, 0.0], False),
        ("entropy", 1.0, [0.25, 0.25, 0.25, 0.25], False),
    ],
)
def test_the_signs_of_an_unknown_picture(
    rule: str, threshold: float, probabilities: list[float], unknown: bool
) -> None:
    sign = UnknownRule.model_validate({"rule": rule, "threshold": threshold})
    assert is_unknown(rank_diseases(LABELS, probabilities), sign) is unknown
    assert ("unknown" in reasons_for(probabilities, unknown=sign)) is unknown


def test_without_a_sign_nothing_is_unknown() -> None:
    assert not is_unknown(rank_diseases(LABELS, [0.25] * 4), None)
    assert not is_unknown(rank_diseases(LABELS, [0.25] * 4), None, 1.0)


@pytest.mark.parametrize(("unlikeness", "unknown"), [(0.699999, False), (0.7, True), (1.0, True), (None, True)])
def test_unlikeness_that_reaches_the_threshold_is_unknown_however_sure_the_ranking(
    unlikeness: float | None, unknown: bool
) -> None:
    sign = UnknownRule(rule="unlikeness", threshold=0.7)
    assert is_unknown(rank_diseases(LABELS, [1.0, 0.0, 0.0, 0.0]), sign, unlikeness) is unknown


@pytest.mark.parametrize("rule", ["max_probability", "entropy"])
def test_a_rule_on_probabilities_does_not_look_at_unlikeness(rule: Literal["max_probability", "entropy"]) -> None:
    assert not is_unknown(rank_diseases(LABELS, [1.0, 0.0, 0.0, 0.0]), UnknownRule(rule=rule, threshold=0.5), 1.0)


@given(softmaxes(6))
def test_relative_entropy_lies_between_certain_and_no_idea(probabilities: NDArray[np.float32]) -> None:
    assert -1e-6 <= relative_entropy(probabilities) <= 1 + 1e-6
