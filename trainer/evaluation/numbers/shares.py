"""Shares of photos: named right, found, within the first few; each as a statistic of weights."""

from dataclasses import dataclass

import numpy as np

from trainer.evaluation.bootstrap import DRAWS, Statistic, Values, Weights, estimates
from trainer.evaluation.scored import Mask, Scored
from trainer.metrics import Estimate


@dataclass(frozen=True, slots=True)
class ClassNumbers:
    """One label against all others, each share with its 95 % interval over patients, NaN of no photos.

    `sensitivity` (recall): of those of the label, named so. `specificity`: of the others, not named so. `ppv`
    (precision): of those named so, rightly. `npv`: of those not named so, rightly. `f1`: harmonic mean of sensitivity
    and ppv, 0 where neither is above 0.
    """

    label: str
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    f1: float


def class_numbers(scored: Scored, *, draws: int = DRAWS, seed: int = 0) -> tuple[ClassNumbers, ...]:
    """One entry a label, in the labels' order; sensitivity is the recall of `per_class` to the last digit."""
    statistics = {
        f"{name} {place}": one for place in range(len(scored.labels)) for name, one in _shares_of(scored, place).items()
    }
    found = estimates(statistics, scored.clusters(), draws=draws, seed=seed)
    return tuple(_of_label(scored, place, found) for place in range(len(scored.labels)))


def share(hits: Mask, among: Mask) -> Statistic:
    """Share of the photos `among` [N] for which `hits` [N] holds; NaN where there is none."""
    counted = among.astype(np.float64)
    hit = (hits & among).astype(np.float64)

    def values(weights: Weights) -> Values:
        return ratio(weights @ hit, weights @ counted)

    return Statistic(values, int(among.sum()), hits=int(hit.sum()))


def accuracy(scored: Scored) -> Statistic:
    """Share of all photos whose likeliest label is the true one."""
    return share(scored.right, np.ones(len(scored), dtype=np.bool_))


def recall(scored: Scored, label: str) -> Statistic:
    """Share of the photos of a label whose likeliest label it is."""
    return share(scored.right, scored.is_truly(label))


def top(scored: Scored, first: int) -> Statistic:
    """Share of photos whose label is among the `first` likeliest; equals keep the labels' order."""
    order = np.argsort(-scored.probabilities, axis=1, kind="stable")[:, :first]
    return share((order == scored.truth[:, None]).any(1), np.ones(len(scored), dtype=np.bool_))


def balanced_accuracy(scored: Scored) -> Statistic:
    """Mean recall of the labels that occur; in a draw, of those drawn."""
    of_label = np.eye(len(scored.labels))[scored.truth]  # [N, C]
    hit = of_label * scored.right[:, None]

    def values(weights: Weights) -> Values:
        recalls = ratio(weights @ hit, weights @ of_label)  # [B, C]
        return mean_of_said(recalls)

    return Statistic(values, len(scored))


def macro_f1(scored: Scored) -> Statistic:
    """Mean F1 of the labels that occur; 0 for a label that is never named right."""
    of_label = np.eye(len(scored.labels))[scored.truth]
    as_label = np.eye(len(scored.labels))[scored.named]
    hit = of_label * as_label

    def values(weights: Weights) -> Values:
        there = weights @ of_label
        f1 = ratio(2 * (weights @ hit), there + weights @ as_label)
        return mean_of_said(np.where(there > 0, f1, np.nan))

    return Statistic(values, len(scored))


def ratio(above: Values, below: Values) -> Values:
    """Divide; NaN where `below` is 0."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def mean_of_said(values: Values) -> Values:
    """Mean over the last axis of what is not NaN; NaN where nothing is."""
    said = np.isfinite(values)
    return ratio(np.where(said, values, 0).sum(-1), said.sum(-1).astype(np.float64))


def _shares_of(scored: Scored, place: int) -> dict[str, Statistic]:
    truly, called = scored.truth == place, scored.named == place
    return {
        "sensitivity": share(called, truly),
        "specificity": share(~called, ~truly),
        "ppv": share(truly, called),
        "npv": share(~truly, ~called),
    }


def _of_label(scored: Scored, place: int, found: dict[str, Estimate]) -> ClassNumbers:
    hits = int((scored.right & (scored.truth == place)).sum())
    named_or_true = int((scored.truth == place).sum() + (scored.named == place).sum())
    return ClassNumbers(
        scored.labels[place],
        sensitivity=found[f"sensitivity {place}"],
        specificity=found[f"specificity {place}"],
        ppv=found[f"ppv {place}"],
        npv=found[f"npv {place}"],
        f1=2 * hits / named_or_true if hits else 0.0,
    )
