"""The rules that turn probabilities into verdicts: plain functions on numbers, no model in sight.

Probabilities are rounded to six places on the way in. A model gives float32, in which 0.7 is 0.69999999; without
rounding "reaching the threshold counts" would not hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

USABLE = "usable"
REASON_CODES = (
    "lesion_too_small",
    "scattered_lesions",
    "out_of_focus",
    "watermark",
    "underexposed",
    "overexposed",
    "not_skin",
)
SUITABILITY_LABELS = (USABLE, *REASON_CODES)
"""What a suitability model tells apart: one softmax over these eight."""

FAULT_FLOOR = 0.2
"""Least probability at which a fault is told."""

_PLACES = 6

ReferralReason = Literal["undecided", "malignant", "unknown"]
"""Why a ranking by itself sends a case to a doctor."""

UnknownSignName = Literal["max_probability", "entropy", "unlikeness"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A fault of a photo: one of `REASON_CODES`, with its probability 0..1."""

    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a photo can be used; `probability` is P(usable), `reasons` the faults, likeliest first."""

    usable: bool
    probability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RankedDisease:
    """A disease in a ranking: `rank` from 1, `probability` 0..1."""

    rank: int
    code: str
    probability: float


class UnknownSign(Protocol):
    """How it shows that a picture is none that the model knows; `inference.manifest.UnknownRule` is one."""

    @property
    def rule(self) -> UnknownSignName:
        """Which number is looked at."""

    @property
    def threshold(self) -> float:
        """From where on it means unknown."""


def rounded(probabilities: ArrayLike) -> tuple[float, ...]:
    """Give a model's probabilities [C] as Python floats, rounded to six places."""
    return tuple(np.round(np.asarray(probabilities, dtype=np.float64), _PLACES).tolist())


def give_verdict(labels: Sequence[str], probabilities: ArrayLike, threshold: float) -> Verdict:
    """Judge by the probabilities [8] of `labels`.

    Usable means P(usable) at or above `threshold`. Every fault at 0.2 or more is a reason; an unusable photo has
    at least one, the likeliest.
    """
    by_label = dict(zip(labels, rounded(probabilities), strict=True))
    probability = by_label.pop(USABLE)
    usable = probability >= threshold
    faults = _descending(by_label.items())
    reasons = tuple(Reason(code, value) for code, value in faults if value >= FAULT_FLOOR)
    if not usable and not reasons:
        reasons = (Reason(*faults[0]),)
    return Verdict(usable, probability, reasons)


def rank_diseases(labels: Sequence[str], probabilities: ArrayLike) -> tuple[RankedDisease, ...]:
    """Rank all `labels` by their probabilities [C], likeliest first; equals keep the labels' order."""
    ordered = _descending(zip(labels, rounded(probabilities), strict=True))
    return tuple(RankedDisease(rank, code, value) for rank, (code, value) in enumerate(ordered, start=1))


def _descending(values: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(values, key=lambda item: -item[1])


def is_decided(diseases: Sequence[RankedDisease], threshold: float) -> bool:
    """Whether the first disease reaches `threshold`; reaching it counts."""
    return diseases[0].probability >= threshold


def malignant_probability(diseases: Sequence[RankedDisease], malignant: Sequence[str]) -> float:
    """Sum up the probabilities of the malignant diseases."""
    return round(sum(disease.probability for disease in diseases if disease.code in malignant), _PLACES)


def is_unknown(diseases: Sequence[RankedDisease], sign: UnknownSign | None, unlikeness: float | None = None) -> bool:
    """Whether the picture is unlike anything the model knows, as far as `sign` can tell.

    `unlikeness` (0..1, rounded as `rounded` does) is what a model says that has an output for it; reaching the
    threshold counts. Where the sign asks for one and there is none, the picture counts as unknown: a doctor looks.
    """
    if sign is None:
        return False
    if sign.rule == "unlikeness":
        return unlikeness is None or unlikeness >= sign.threshold
    if sign.rule == "max_probability":
        return diseases[0].probability < sign.threshold
    return relative_entropy([disease.probability for disease in diseases]) > sign.threshold


def relative_entropy(probabilities: ArrayLike) -> float:
    """Entropy of probabilities [C >= 2] over that of equal ones: 0 certain .. 1 no idea."""
    values = np.asarray(probabilities, dtype=np.float64)
    present = values[values > 0]
    return float(-(present * np.log(present)).sum() / np.log(values.size))


def referral_reasons(
    diseases: Sequence[RankedDisease],
    *,
    threshold: float,
    malignant: Sequence[str],
    refer_malignant: float,
    unknown: UnknownSign | None,
    unlikeness: float | None = None,
) -> tuple[ReferralReason, ...]:
    """Why a doctor must look, as far as the ranking says; empty where it need not be.

    `undecided`: the first disease does not reach `threshold`. `malignant`: the malignant diseases together reach
    `refer_malignant`. `unknown`: the picture is unlike what the model knows.
    """
    checks: tuple[tuple[ReferralReason, bool], ...] = (
        ("undecided", not is_decided(diseases, threshold)),
        ("malignant", bool(malignant) and malignant_probability(diseases, malignant) >= refer_malignant),
        ("unknown", is_unknown(diseases, unknown, unlikeness)),
    )
    return tuple(reason for reason, holds in checks if holds)
