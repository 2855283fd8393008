"""How well a score parts photos that have something from those that have not, over all thresholds at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.rules import USABLE
from trainer.evaluation.bootstrap import Statistic, Values, Weights
from trainer.evaluation.numbers.shares import mean_of_said, ratio
from trainer.evaluation.scored import Mask, Probabilities, Scored
from trainer.metrics import Indices

_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """A receiver operating characteristic from (0, 0) to (1, 1): both [K], ascending."""

    false_positive_rate: Probabilities
    true_positive_rate: Probabilities


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Photos by ascending score. `order` [N]; `last` [N]: within the order, where each photo's group of equals ends."""

    order: Indices
    last: Indices

    @property
    def first(self) -> Indices:
        """Where each photo's group of equals begins, [N]."""
        starts = np.r_[True, self.last[1:] != self.last[:-1]]
        return np.asarray(np.maximum.accumulate(np.where(starts, np.arange(len(self.order)), 0)))


def ordered(scores: Probabilities) -> Ordered:
    """Sort scores [N] ascending, and find the groups of equal ones."""
    order = np.argsort(scores, kind="stable")
    arranged = scores[order]
    last = np.searchsorted(arranged, arranged, side="right") - 1
    return Ordered(order.astype(np.int64), last.astype(np.int64))


def auc(scores: Probabilities, positive: Mask) -> Statistic:
    """Area under the ROC curve: chance that a positive photo scores above a negative one, ties half (Mann-Whitney).

    `scores` [N]; NaN where there is no positive or no negative photo.
    """
    if 2 * int(positive.sum()) > len(scores):
        return auc(-scores, ~positive)  # the same chance, told from the smaller side, which is looked up
    ups, downs = np.flatnonzero(positive), np.flatnonzero(~positive)
    downs = downs[np.argsort(scores[downs], kind="stable")]
    below, up_to = (np.searchsorted(scores[downs], scores[ups], side) for side in _SIDES)

    def values(weights: Weights) -> Values:
        ascending = np.zeros((len(weights), len(downs) + 1))
        np.cumsum(weights[:, downs], axis=1, out=ascending[:, 1:])
        counted = weights[:, ups]
        won = (counted * (ascending[:, below] + ascending[:, up_to])).sum(1) / 2
        return ratio(won, counted.sum(1) * ascending[:, -1])

    return Statistic(values, len(scores))


def average_precision(scores: Probabilities, positive: Mask) -> Statistic:
    """Precision averaged over the positives in descending order of score, equals taken together; NaN without any."""
    order = np.argsort(-scores, kind="stable")
    places = np.flatnonzero(positive[order])  # of the positives, in descending order of score
    descending = -scores[order]
    last = np.searchsorted(descending, descending[places], side="right") - 1
    last_positive = np.searchsorted(descending[places], descending[places], side="right") - 1

    def values(weights: Weights) -> Values:
        arranged = weights[:, order]
        hits = arranged[:, places]
        found = np.cumsum(hits, axis=1)[:, last_positive]
        precision = ratio(found, np.cumsum(arranged, axis=1)[:, last])
        return ratio((hits * np.nan_to_num(precision)).sum(1), hits.sum(1))

    return Statistic(values, int(positive.sum()))


def class_auc(scored: Scored, label: str) -> Statistic:
    """AUC of a label's probability: those of the label against all others."""
    return auc(scored.probability_of(label), scored.is_truly(label))


def macro_auc(scored: Scored) -> Statistic:
    """Mean of the labels' one-against-the-rest AUC, of those that can be said."""
    single = [class_auc(scored, label) for label in scored.labels]

    def values(weights: Weights) -> Values:
        return mean_of_said(np.stack([one.values(weights) for one in single], axis=1))

    return Statistic(values, len(scored))


def usable_auc(scored: Scored) -> Statistic:
    """AUC of P(usable): usable photos against all others."""
    return class_auc(scored, USABLE)


def group_auc(scored: Scored, group: Sequence[str]) -> Statistic:
    """AUC of the summed probability of a group of labels (the malignant ones) against all others."""
    places = [scored.labels.index(label) for label in group]
    return auc(scored.probabilities[:, places].sum(1), np.isin(scored.truth, places))


def roc_curve(scores: Probabilities, positive: Mask) -> RocCurve:
    """The curve itself; empty of steps where there is no positive or no negative photo."""
    sides = ordered(-scores)
    arranged = positive[sides.order]
    ends = np.unique(sides.last)
    return RocCurve(_rate(~arranged, ends), _rate(arranged, ends))


def _rate(hits: NDArray[np.bool_], ends: Indices) -> Probabilities:
    counts = np.cumsum(hits)
    total = counts[-1] if len(counts) else 0
    if not total:
        return np.array([0.0, 1.0])
    return np.asarray(np.r_[0.0, counts[ends] / total])
