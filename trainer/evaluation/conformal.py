"""Conformal prediction sets: how many labels must be named so that the true one is among them nine times in ten.

Split conformal prediction (Vovk 2005; Angelopoulos and Bates 2021): one threshold is taken from photos of other
patients than those it is tried on. LAC (Sadinle 2019) gives the smallest sets on average; APS (Romano 2020), here
without its random tie-break and so a little too large, spreads the misses more evenly over easy and hard photos.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from trainer.evaluation.bootstrap import DRAWS, estimates
from trainer.evaluation.numbers.probability import mean
from trainer.evaluation.numbers.shares import share
from trainer.evaluation.scored import Mask, Probabilities, Scored
from trainer.metrics import Estimate, Indices

Method = Literal["lac", "aps"]
METHODS: tuple[Method, ...] = get_args(Method)
LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class PredictionSets:
    """How sets meant to hold the truth with chance `level` did on photos that had no say in their threshold.

    `coverage`: share that held it. `size`: mean number of labels. `single`: share of sets with exactly one. `empty`:
    share with none. `by_label`: coverage of each label that occurs.
    """

    method: Method
    level: float
    coverage: Estimate
    size: Estimate
    single: Estimate
    empty: float
    by_label: dict[str, float]


def prediction_sets(tune: Scored, test: Scored, method: Method, level: float = LEVEL) -> Mask:
    """Which labels each test photo's set holds, [N, C]; all of them where the tune side is too small to tell."""
    scores = nonconformity(tune.probabilities, method)[np.arange(len(tune)), tune.truth]
    place = int(np.ceil((len(scores) + 1) * level))
    if place > len(scores):
        return np.ones((len(test), len(test.labels)), dtype=np.bool_)
    limit = np.sort(scores)[place - 1]
    return np.asarray(nonconformity(test.probabilities, method) <= limit)


def nonconformity(probabilities: Probabilities, method: Method) -> Probabilities:
    """How ill each label fits, [N, C]: what it lacks to certainty (LAC), or the mass down to and with it (APS)."""
    if method == "lac":
        return np.asarray(1 - probabilities)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    mass = np.cumsum(np.take_along_axis(probabilities, order, 1), axis=1)
    found = np.empty_like(probabilities)
    np.put_along_axis(found, order, mass, 1)
    return found


def halves(scored: Scored, seed: int = 0) -> Mask:
    """Which photos are in the first of two halves by patient, [N]; drawn by the seed, whatever the photos' order."""
    keys = [patient or f"photo {name}" for patient, name in zip(scored.patients, scored.names, strict=True)]
    patients = sorted(set(keys))
    drawn = np.random.default_rng(seed).permutation(len(patients))
    first = {patients[place] for place in drawn[: len(patients) // 2].tolist()}
    return np.array([key in first for key in keys], dtype=np.bool_)


def conformal(tune: Scored, test: Scored, method: Method, level: float = LEVEL) -> PredictionSets:
    """Sets by the tune side's threshold, tried on the test side."""
    return _summary(test, prediction_sets(tune, test, method, level), method, level)


def cross_conformal(scored: Scored, method: Method, level: float = LEVEL, seed: int = 0) -> PredictionSets:
    """The same where there is no tune side: each half of the patients is tried with the other's threshold."""
    first = halves(scored, seed)
    held = np.zeros(scored.probabilities.shape, dtype=np.bool_)
    for side in (first, ~first):
        held[side] = prediction_sets(scored.part(~side), scored.part(side), method, level)
    return _summary(scored, held, method, level)


def _summary(test: Scored, held: Mask, method: Method, level: float) -> PredictionSets:
    sizes: Indices = held.sum(1)
    hit = held[np.arange(len(test)), test.truth]
    everything = np.ones(len(test), dtype=np.bool_)
    statistics = {
        "coverage": share(hit, everything),
        "size": mean(sizes.astype(np.float64)),
        "single": share(sizes == 1, everything),
    }
    found = estimates(statistics, test.clusters(), draws=DRAWS)
    by_label = {label: float(hit[test.is_truly(label)].mean()) for label in test.labels if test.is_truly(label).any()}
    empty = float((sizes == 0).mean()) if len(test) else 0.0
    return PredictionSets(method, level, found["coverage"], found["size"], found["single"], empty, by_label)
