"""What is left unsaid of photos, label by label: a gap that is commoner with one label tells it without a look.

Shares have 95 % intervals over patients. How well a gap tells a label from the rest is its ROC-AUC: that of a flag is
half the difference of the two shares above 0.5. The interval of the difference is put together from those of the
shares (Newcombe 1998, method 10).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.metrics import Estimate, Indices, wilson
from trainer.photos.drawing import patient_draws

MARGIN = 0.02
"""How far from no difference, for certain, a gap's AUC must be to matter."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One fact and one label.

    `missing` is the share of the label's photos of which the fact is not said, `elsewhere` that of all other photos.
    `auc`: how well the gap alone tells the label from the rest; 0.5 not at all, 1 wholly, 0 wholly by being said.
    """

    fact: str
    label: str
    missing: Estimate
    elsewhere: Estimate
    auc: Estimate

    @property
    def telling(self) -> bool:
        """Whether the interval of the AUC keeps off 0.5 by more than MARGIN."""
        return self.auc.low > 0.5 + MARGIN or self.auc.high < 0.5 - MARGIN


def gaps_of(
    fact: str, unsaid: NDArray[np.bool_], truth: Indices, labels: Sequence[str], patients: Sequence[str], *, seed: int
) -> tuple[Gap, ...]:
    """One entry a label for a fact that is `unsaid` [N] of some photos; none where it is of all or of none.

    `truth` int64 [N] are indices within `labels`, each of which occurs and is not all there is; `patients` [N].
    """
    if unsaid.all() or not unsaid.any():
        return ()
    totals, gaps = (_counted(which, truth, len(labels), patients) for which in (np.ones_like(unsaid), unsaid))
    drawn = [_shares(times @ gaps, times @ totals) for times in patient_draws(len(totals), seed)]
    missing, elsewhere = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    own, other = _shares(gaps.sum(0, keepdims=True), totals.sum(0, keepdims=True))
    found = []
    for place, label in enumerate(labels):
        counts = totals[:, place], totals.sum(1) - totals[:, place]
        here = _estimate(own[0, place], missing[:, place], counts[0])
        there = _estimate(other[0, place], elsewhere[:, place], counts[1])
        found.append(Gap(fact, label, here, there, _auc(here, there)))
    return tuple(found)


def _counted(which: NDArray[np.bool_], truth: Indices, labels: int, patients: Sequence[str]) -> NDArray[np.float64]:
    """Photos among `which` of each patient and label, [P, C]."""
    names, patient = np.unique(np.array(patients), return_inverse=True)
    cells = np.bincount((patient * labels + truth)[which], minlength=len(names) * labels)
    return cells.reshape(len(names), labels).astype(np.float64)


def _shares(gaps: NDArray[np.float64], totals: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share unsaid of each label and of all others, both [D, C]; NaN where no photo was drawn."""
    sums = (gaps, totals), (gaps.sum(1, keepdims=True) - gaps, totals.sum(1, keepdims=True) - totals)
    own, other = (np.divide(hits, of, out=np.full_like(hits, np.nan), where=of > 0) for hits, of in sums)
    return own, other


def _estimate(value: float, drawn: NDArray[np.float64], photos: NDArray[np.float64]) -> Estimate:
    """With the interval of the draws; at 0 and 1, where draws hardly differ, at least Wilson's for so many patients."""
    low, high = np.nanquantile(drawn, (0.025, 0.975)).tolist()
    if value in (0.0, 1.0):
        certain = int((photos > 0).sum())
        share = wilson(round(value * certain), certain)
        low, high = min(low, share.low), max(high, share.high)
    return Estimate(float(value), low, high, int(photos.sum()))


def _auc(own: Estimate, other: Estimate) -> Estimate:
    gap = own.value - other.value
    below = math.hypot(own.value - own.low, other.high - other.value)
    above = math.hypot(own.high - own.value, other.value - other.low)
    low, value, high = (0.5 + one / 2 for one in (max(gap - below, -1), gap, min(gap + above, 1)))
    return Estimate(value, low, high, own.n + other.n)
