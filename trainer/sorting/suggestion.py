"""Thresholds picked from photos known to be usable, at a share of false rejects that one is ready to pay."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainer.sorting.errors import BadThresholds
from trainer.sorting.measuring import Measures
from trainer.sorting.thresholds import Criterion, Thresholds
from trainer.sorting.verdict import judge

LEAST_USABLE = 20
"""Photos below which a quantile of a few per cent means nothing."""

_STEPS = 24


def suggest(usable: Sequence[Measures], thresholds: Thresholds, false_rejects: float) -> Thresholds:
    """Move every bound to the same quantile of the usable photos, the tightest that rejects at most `false_rejects`.

    Every measure pays alike, and the share is that of photos which break any bound. References stay, ratios move.
    Raises BadThresholds for fewer than 20 usable photos.
    """
    if len(usable) < LEAST_USABLE:
        raise BadThresholds(f"{len(usable)} usable photos are too few to fit thresholds to: {LEAST_USABLE} are needed")
    low, high = 0.0, false_rejects
    best = _at_quantile(usable, thresholds, 0.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        tried = _at_quantile(usable, thresholds, middle)
        if rejected_share(usable, tried) <= false_rejects:
            low, best = middle, tried
        else:
            high = middle
    return best


def rejected_share(photos: Sequence[Measures], thresholds: Thresholds) -> float:
    """Share of `photos` that break any bound."""
    return sum(not judge(one, thresholds).usable for one in photos) / len(photos)


def _at_quantile(usable: Sequence[Measures], thresholds: Thresholds, quantile: float) -> Thresholds:
    return Thresholds(tuple(_moved(usable, one, quantile) for one in thresholds.criteria))


def _moved(usable: Sequence[Measures], criterion: Criterion, quantile: float) -> Criterion:
    values = np.array([getattr(one, criterion.measure) for one in usable], dtype=np.float64)
    side = quantile if criterion.side == "least" else 1 - quantile
    ordered = np.sort(values)
    place = side * (len(ordered) - 1)
    bound = float(ordered[math.floor(place) if criterion.side == "least" else math.ceil(place)])
    # A tiny step off, so that writing the number to six digits does not reject the photo it came from.
    bound *= 1 - 1e-5 if criterion.side == "least" else 1 + 1e-5
    if criterion.ratio != 1 and criterion.reference > 0:
        return replace(criterion, ratio=bound / criterion.reference)
    return replace(criterion, reference=bound, ratio=1.0)
