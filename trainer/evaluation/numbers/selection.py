"""What a model is worth when it may stay silent: it answers where it is sure, a doctor does the rest."""

from dataclasses import dataclass

import numpy as np

from trainer.evaluation.bootstrap import Statistic, Values, Weights
from trainer.evaluation.numbers.ranking import ordered
from trainer.evaluation.numbers.shares import ratio, share
from trainer.evaluation.scored import Probabilities, Scored, reaches


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Error among the most confident answers: `coverage` [K] ascending to 1, `risk` [K], `confidence` [K] reached."""

    coverage: Probabilities
    risk: Probabilities
    confidence: Probabilities


def risk_coverage(scored: Scored) -> RiskCoverage:
    """The curve, one point for each distinct confidence (Geifman and El-Yaniv 2017)."""
    sides = ordered(-scored.confidence)
    ends = np.unique(sides.last)
    wrong = np.cumsum(~scored.right[sides.order])
    return RiskCoverage(
        (ends + 1) / max(len(scored), 1),
        np.asarray(wrong[ends] / (ends + 1)),
        scored.confidence[sides.order][ends],
    )


def aurc(scored: Scored) -> Statistic:
    """Area under the risk-coverage curve: mean risk over all coverages; 0 best, the error rate for random order."""
    sides = ordered(-scored.confidence)
    wrong = (~scored.right[sides.order]).astype(np.float64)

    def values(weights: Weights) -> Values:
        arranged = weights[:, sides.order]
        risk = ratio(np.cumsum(arranged * wrong, axis=1), np.cumsum(arranged, axis=1))[:, sides.last]
        return ratio((arranged * np.nan_to_num(risk)).sum(1), arranged.sum(1))

    return Statistic(values, len(scored))


def accuracy_at_coverage(scored: Scored, coverage: float) -> Statistic:
    """Accuracy among the most confident photos that make up at least `coverage` (0..1) of all; equals go together."""
    sides = ordered(-scored.confidence)
    right = scored.right[sides.order].astype(np.float64)

    def values(weights: Weights) -> Values:
        arranged = weights[:, sides.order]
        answered = np.cumsum(arranged, axis=1)[:, sides.last]
        hits = np.cumsum(arranged * right, axis=1)[:, sides.last]
        enough = answered >= coverage * answered[:, -1:] - 1e-9
        place = enough.argmax(1)[:, None]
        return ratio(np.take_along_axis(hits, place, 1)[:, 0], np.take_along_axis(answered, place, 1)[:, 0])

    return Statistic(values, len(scored))


def decided_share(scored: Scored, threshold: float) -> Statistic:
    """Share of photos whose first probability reaches `threshold`."""
    return share(reaches(scored.confidence, threshold), np.ones(len(scored), dtype=np.bool_))


def accuracy_when_decided(scored: Scored, threshold: float) -> Statistic:
    """Share named right of the photos whose first probability reaches `threshold`; NaN where none does."""
    return share(scored.right, reaches(scored.confidence, threshold))
