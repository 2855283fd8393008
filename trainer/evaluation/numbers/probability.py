"""How far probabilities can be taken at their word: log loss, Brier, calibration error, reliability."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.bootstrap import Statistic, Values, Weights
from trainer.evaluation.numbers.shares import ratio
from trainer.evaluation.scored import Probabilities, Scored
from trainer.metrics import Estimate, Indices, wilson

Binning = Literal["width", "mass"]
"""Bins of equal width over 0..1, or of equal numbers of photos (equal confidences stay together)."""

BINS = 10
_LEAST = 1e-12  # a probability of 0 given to what is true costs 27.6 nats, not infinity


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin of a reliability diagram: mean confidence, and how often it was right, of `right.n` photos."""

    low: float
    high: float
    confidence: float
    right: Estimate


def log_loss(scored: Scored) -> Statistic:
    """Mean negative logarithm (nats) of the probability given to the truth; log C for knowing nothing."""
    given = scored.probabilities[np.arange(len(scored)), scored.truth]
    return mean(-np.log(np.maximum(given, _LEAST)))


def brier(scored: Scored) -> Statistic:
    """Mean squared distance of the probabilities from the truth, summed over the labels: 0 best, 2 worst."""
    truth = np.eye(len(scored.labels))[scored.truth]
    return mean(((scored.probabilities - truth) ** 2).sum(1))


def calibration_error(scored: Scored, binning: Binning = "width", bins: int = BINS) -> Statistic:
    """Expected calibration error (Naeini 2015): mean gap between confidence and share right over bins.

    It is biased upwards in small samples: with 256 photos a perfectly calibrated model shows about 0.05.
    """
    bin_of = bins_of(scored.confidence, binning, bins)
    in_bin = np.eye(bins)[bin_of]  # [N, bins]
    gap = in_bin * (scored.confidence - scored.right)[:, None]

    def values(weights: Weights) -> Values:
        return ratio(np.abs(weights @ gap).sum(1), weights.sum(1))

    return Statistic(values, len(scored))


def reliability(scored: Scored, binning: Binning = "width", bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """The bins that hold photos, ascending."""
    confidence, right = scored.confidence, scored.right
    bin_of = bins_of(confidence, binning, bins)
    found = []
    for place in np.unique(bin_of).tolist():
        sure = confidence[bin_of == place]
        share = wilson(int(right[bin_of == place].sum()), len(sure))
        low, high = (place / bins, (place + 1) / bins) if binning == "width" else (float(sure.min()), float(sure.max()))
        found.append(ReliabilityBin(low, high, float(sure.mean()), share))
    return tuple(found)


def bins_of(confidence: Probabilities, binning: Binning, bins: int = BINS) -> Indices:
    """Number each confidence's bin from 0, int64 [N]."""
    if binning == "width":
        return np.clip((confidence * bins).astype(np.int64), 0, bins - 1)
    ranks = np.searchsorted(np.sort(confidence), confidence, side="left")
    return np.asarray(ranks * bins // max(len(confidence), 1), dtype=np.int64)


def mean(numbers: NDArray[np.floating]) -> Statistic:
    """Weighted mean of a number for each photo, [N]."""

    def values(weights: Weights) -> Values:
        return ratio(weights @ numbers, weights.sum(1))

    return Statistic(values, len(numbers), is_share=False)
