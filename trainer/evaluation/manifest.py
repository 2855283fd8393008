"""Headline numbers as a model's manifest carries them."""

import math

from inference.manifest import Metric
from trainer.evaluation.headline import Numbers
from trainer.metrics import Estimate

_PLACES = 4


def metrics_of(numbers: Numbers) -> dict[str, Metric]:
    """The numbers that can be said, rounded to four places; a manifest holds finite numbers only."""
    return {name: _metric(one) for name, one in numbers.items() if math.isfinite(one.value)}


def _metric(estimate: Estimate) -> Metric:
    if not math.isfinite(estimate.low):
        return Metric(value=round(estimate.value, _PLACES), n=estimate.n)
    return Metric(
        value=round(estimate.value, _PLACES),
        low=round(estimate.low, _PLACES),
        high=round(estimate.high, _PLACES),
        n=estimate.n,
    )
