"""Refusing photos: how many of each fault are caught when few usable photos are refused by mistake.

The score is 1 - P(usable); a photo is caught when it is refused, whatever fault is named. The threshold belongs to
these very photos, in each draw anew, so that models are compared at the same price for the sender.
"""

import numpy as np

from inference.rules import USABLE
from trainer.evaluation.bootstrap import Statistic, Values, Weights
from trainer.evaluation.numbers.ranking import ordered
from trainer.evaluation.numbers.shares import ratio, share
from trainer.evaluation.scored import Mask, Scored, reaches

FALSE_REJECTS = 0.05


def threshold_at(scored: Scored, false_rejects: float = FALSE_REJECTS) -> float:
    """The highest P(usable) below which at most `false_rejects` (0..1) of the usable photos lie; NaN without any."""
    return float(_thresholds(scored, false_rejects, np.ones((1, len(scored))))[0])


def caught(scored: Scored, label: str, false_rejects: float = FALSE_REJECTS) -> Statistic:
    """Share of the photos of a fault refused at `threshold_at`; NaN without photos of it, or without usable ones."""
    return _caught(scored, scored.is_truly(label), false_rejects)


def all_caught(scored: Scored, false_rejects: float = FALSE_REJECTS) -> Statistic:
    """Share of all unusable photos refused at `threshold_at`."""
    return _caught(scored, ~scored.is_truly(USABLE), false_rejects)


def usable_passed(scored: Scored, threshold: float) -> Statistic:
    """Share of usable photos that pass at the model's own threshold."""
    return share(reaches(scored.probability_of(USABLE), threshold), scored.is_truly(USABLE))


def unusable_refused(scored: Scored, threshold: float) -> Statistic:
    """Share of unusable photos refused at the model's own threshold."""
    return share(~reaches(scored.probability_of(USABLE), threshold), ~scored.is_truly(USABLE))


def _caught(scored: Scored, among: Mask, false_rejects: float) -> Statistic:
    probability = scored.probability_of(USABLE)[among]

    def values(weights: Weights) -> Values:
        thresholds = _thresholds(scored, false_rejects, weights)
        counted = weights[:, among]
        hits = (counted * (probability < thresholds[:, None])).sum(1)
        return np.where(np.isfinite(thresholds), ratio(hits, counted.sum(1)), np.nan)

    return Statistic(values, int(among.sum()))


def _thresholds(scored: Scored, false_rejects: float, weights: Weights) -> Values:
    """The threshold in each draw, [B]: the largest drawn P of a usable photo below which few enough usable ones lie."""
    usable = scored.is_truly(USABLE)
    if not usable.any():
        return np.full(len(weights), np.nan)
    probability = scored.probability_of(USABLE)[usable]
    sides = ordered(probability)
    arranged = weights[:, usable][:, sides.order]
    up_to = np.cumsum(arranged, axis=1)
    below = np.where(sides.first > 0, up_to[:, sides.first - 1], 0)
    total = up_to[:, -1:]
    fits = (below <= false_rejects * total + 1e-9) & (arranged > 0)
    candidates = np.where(fits, probability[sides.order], -np.inf).max(1)
    return np.where(total[:, 0] > 0, candidates, np.nan)
