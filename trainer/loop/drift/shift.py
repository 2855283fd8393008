"""How far two sets of photos are apart in one respect, and whether that is more than chance. Pure.

What chance alone does is worked out by dealing whole patients anew to the two sets: photos of one patient resemble each
other, and would otherwise pass for a shift. With few patients hardly anything can be told, and the numbers say so.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Statistic = Callable[[Flags], float]
"""From which photos are new, bool [N], to how far these are from the others."""

DEALS = 500
BINS = 10
_HALF = 0.5  # added to each count, so that an empty bin has a logarithm


@dataclass(frozen=True, slots=True)
class Shift:
    """A distance, and the range in which it lies by chance in 95 of 100 deals; `p` is the share of deals as far."""

    value: float
    low: float
    high: float
    p: float

    @property
    def is_more_than_chance(self) -> bool:
        """Whether it lies above what chance does."""
        return self.value > self.high


def measured(statistic: Statistic, new: Flags, patients: NDArray[np.int64], seed: int, deals: int = DEALS) -> Shift:
    """Measure a distance and what chance makes of it; `new` and `patients` (numbers) are [N]."""
    value = statistic(new)
    rng = np.random.default_rng(seed)
    by_chance = np.array([statistic(_dealt(new, patients, rng)) for _ in range(deals)])
    low, high = np.quantile(by_chance, (0.025, 0.975)).tolist()
    return Shift(value, low, high, float((1 + (by_chance >= value).sum()) / (1 + deals)))


def kolmogorov_smirnov(scores: Floats) -> Statistic:
    """The greatest gap between the two distributions of a score [N] (0..1)."""
    order = np.argsort(scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) > 0, True))

    def statistic(new: Flags) -> float:
        of_new = np.cumsum(new[order])[ends] / max(new.sum(), 1)
        of_old = np.cumsum(~new[order])[ends] / max((~new).sum(), 1)
        return float(np.abs(of_new - of_old).max())

    return statistic


def population_stability(scores: Floats, new: Flags) -> float:
    """The population stability index of scores [N] over tenths of the old ones (Siddiqi 2006, Credit Risk Scorecards):
    the sum of (p - q) ln(p / q). Custom calls it moderate from 0.10, large from 0.25; with few photos it is never 0.
    """
    edges = np.unique(np.quantile(scores[~new], np.linspace(0, 1, BINS + 1)[1:-1]))
    p, q = (_shares(np.searchsorted(edges, scores[part], side="right"), len(edges) + 1) for part in (new, ~new))
    return float(((p - q) * np.log(p / q)).sum())


def total_variation(classes: NDArray[np.int64]) -> Statistic:
    """The share of photos that would have to be of another class for both sets to hold the same shares (0..1)."""
    count = int(classes.max(initial=0)) + 1

    def statistic(new: Flags) -> float:
        of_new, of_old = (np.bincount(classes[part], minlength=count) / max(part.sum(), 1) for part in (new, ~new))
        return float(np.abs(of_new - of_old).sum() / 2)

    return statistic


def mean_discrepancy(embeddings: Floats) -> Statistic:
    """The squared maximum mean discrepancy of embeddings [N, D] (Gretton et al. 2012, JMLR 13), Gaussian kernel.

    The kernel is as wide as the median distance; the estimate is the biased one, never below 0.
    """
    squares = (embeddings**2).sum(1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * embeddings @ embeddings.T, 0)
    apart = distances[np.triu_indices(len(embeddings), 1)]
    width = float(np.median(apart)) if len(apart) else 1.0
    kernel = np.exp(-distances / (width or 1.0))

    def statistic(new: Flags) -> float:
        weights = np.where(new, 1 / max(new.sum(), 1), -1 / max((~new).sum(), 1))
        return float(max(weights @ kernel @ weights, 0.0))

    return statistic


def _shares(bins: NDArray[np.int64], count: int) -> Floats:
    counts = np.bincount(bins, minlength=count) + _HALF
    return np.asarray(counts / counts.sum())


def _dealt(new: Flags, patients: NDArray[np.int64], rng: np.random.Generator) -> Flags:
    """Patients in a drawn order are new until as many photos are new as were; neither set is ever left empty."""
    _, whose, counts = np.unique(patients, return_inverse=True, return_counts=True)
    order = rng.permutation(len(counts))
    before = np.cumsum(counts[order]) - counts[order]
    drawn = np.zeros(len(counts), dtype=np.bool_)
    drawn[order] = before < new.sum()
    drawn[order[-1]] = False
    return np.asarray(drawn[whose])
