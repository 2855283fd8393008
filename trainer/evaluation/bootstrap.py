"""Intervals that know that photos of one patient resemble each other: whole patients are drawn, not photos.

A statistic is one function of weights: [B, N] non-negative weights of the N photos, one row a draw, to [B] values, NaN
where it cannot be said (no photo of a class drawn). With all weights 1 it is the number itself, with the counts of a
draw it is that draw's; one definition serves both.

Percentiles, not BCa: with the few photos of rare classes BCa's acceleration rests on a handful of jackknife values and
its ends jump; percentiles stay inside what the number can be. Where a number is 0 or 1 (all wrong, or all right) hardly
a draw differs and the bootstrap would claim certainty; there the interval is at least Wilson's for so many patients.

Where every photo is of another patient, a share of photos is a plain count: its interval is Wilson's then, the same
that the gate works out, and better than a bootstrap of few photos.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.scored import Scored
from trainer.metrics import Estimate, Indices, wilson

Weights = NDArray[np.float64]
"""[B, N]: how much each photo counts in each draw."""

Values = NDArray[np.float64]
"""[B]: a statistic in each draw; NaN where it cannot be said."""

DRAWS = 2000
_CHUNK_ELEMENTS = 4_000_000  # weights held at a time: 32 MB
_LEAST_SAID = 0.5  # share of draws that must say something for an interval


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number as a function of weights, and how many photos it stands on.

    `is_share` where 0 and 1 are its ends: nothing below, nothing above. `hits` where it is a plain share of its `n`
    photos: how many of them.
    """

    values: Callable[[Weights], Values]
    n: int
    is_share: bool = True
    hits: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a number of one model is above that of another on the same photos, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def estimates(
    statistics: Mapping[str, Statistic], clusters: Indices, *, draws: int = DRAWS, seed: int = 0
) -> dict[str, Estimate]:
    """Every statistic with its 95 % interval over the same draws; `clusters` [N] numbers each photo's patient.

    Values that cannot be said (no photo to say it of) are NaN with the interval NaN to NaN. Same seed, same numbers.
    """
    if not len(clusters):
        return {name: Estimate(np.nan, np.nan, np.nan, 0) for name in statistics}
    drawn = _drawn(list(statistics.values()), clusters, draws, seed)
    patients = len(np.unique(clusters))
    return {
        name: _estimate(statistic, len(clusters), values, patients)
        for (name, statistic), values in zip(statistics.items(), drawn, strict=True)
    }


def point(statistic: Statistic, photos: int) -> float:
    """The number itself, without an interval; `photos` is N."""
    return float(statistic.values(np.ones((1, photos)))[0])


def estimate(statistic: Statistic, clusters: Indices, *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """One statistic with its 95 % interval."""
    return estimates({"": statistic}, clusters, draws=draws, seed=seed)[""]


def difference(
    make: Callable[[Scored], Statistic], one: Scored, other: Scored, *, draws: int = DRAWS, seed: int = 0
) -> Difference:
    """How much the number of `one` is above that of `other`, both on the same photos, drawn together.

    Raises ValueError where the photos, their truth or their patients are not the same in the same order.
    """
    _require_same_photos(one, other)
    first, second = make(one), make(other)
    value = point(first, len(one)) - point(second, len(one))
    drawn = _drawn([first, second], one.clusters(), draws, seed)
    gaps = drawn[0] - drawn[1]
    gaps = gaps[np.isfinite(gaps)]
    if not len(gaps):
        return Difference(value, np.nan, np.nan, first.n)
    low, high = np.quantile(gaps, (0.025, 0.975)).tolist()
    return Difference(value, low, high, first.n)


def cluster_draws(clusters: Indices, draws: int, seed: int) -> Iterator[Weights]:
    """Weights [b, N] of `draws` draws in all, chunk by chunk: how often each photo's patient was drawn."""
    _, numbers = np.unique(clusters, return_inverse=True)
    patients = int(numbers.max()) + 1
    rng = np.random.default_rng(seed)
    at_once = max(_CHUNK_ELEMENTS // len(numbers), 1)
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        counts = rng.multinomial(patients, np.full(patients, 1 / patients), size=size)
        yield counts[:, numbers].astype(np.float64)


def _drawn(statistics: list[Statistic], clusters: Indices, draws: int, seed: int) -> list[Values]:
    chunks = [[one.values(weights) for one in statistics] for weights in cluster_draws(clusters, draws, seed)]
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def _estimate(statistic: Statistic, photos: int, drawn: Values, patients: int) -> Estimate:
    if statistic.hits is not None and statistic.n and patients == photos:
        return wilson(statistic.hits, statistic.n)
    value = point(statistic, photos)
    said = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(said) < _LEAST_SAID * len(drawn):
        return Estimate(value, np.nan, np.nan, statistic.n)
    low, high = np.quantile(said, (0.025, 0.975)).tolist()
    if statistic.is_share and value in (0.0, 1.0):
        certain = min(patients, statistic.n)
        share = wilson(round(value * certain), certain)
        low, high = min(low, share.low), max(high, share.high)
    return Estimate(value, low, high, statistic.n)


def _require_same_photos(one: Scored, other: Scored) -> None:
    same = (
        one.labels == other.labels
        and one.names == other.names
        and one.patients == other.patients
        and np.array_equal(one.truth, other.truth)
    )
    if not same:
        raise ValueError("two models can be compared on the same photos in the same order only")
