"""Numbers that say how good a model is, with how far they can be trusted. Plain arithmetic, no torch."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Indices = NDArray[np.int64]

_Z95 = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of `n` photos with its 95 % interval, all 0..1."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """How often each label (row) was taken for each (column): `counts` int64 [C, C]."""

    labels: tuple[str, ...]
    counts: Indices

    def recall(self, label: str) -> Estimate:
        """Share of those of a label that were named right."""
        row = self.labels.index(label)
        return wilson(int(self.counts[row, row]), int(self.counts[row].sum()))

    def most_taken_for(self, label: str) -> str | None:
        """The other label that photos of `label` were most often taken for; None where none was."""
        row = self.counts[self.labels.index(label)].copy()
        row[self.labels.index(label)] = 0
        return self.labels[int(row.argmax())] if row.any() else None


def confusion(labels: tuple[str, ...], truth: Indices, named: Indices) -> Confusion:
    """Count; `truth` and `named` are indices within `labels`, one for each photo."""
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (truth, named), 1)
    return Confusion(labels, counts)


def wilson(hits: int, n: int) -> Estimate:
    """A share with Wilson's score interval; of nothing it is 0, somewhere between 0 and 1."""
    if n == 0:
        return Estimate(0.0, 0.0, 1.0, 0)
    share = hits / n
    spread = _Z95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = _Z95 * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At 0 and 1 rounding may put an end on the wrong side of the share itself.
    return Estimate(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)), n)


def softmax(logits: Floats, temperature: float) -> Floats:
    """Probabilities [N, C] of logits [N, C] divided by `temperature`."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def usable_threshold(usable_probability: Floats, is_usable: NDArray[np.bool_], worth: float = 0.01) -> float:
    """The threshold, 0.30 to 0.70, that parts usable from spoilt best.

    It is 0.5 unless another is better by more than `worth`, or where only usable or only spoilt photos are there.
    """
    if is_usable.all() or not is_usable.any():
        return 0.5
    probability = np.round(usable_probability, 6)  # as serving does before it compares

    def parting(threshold: float) -> float:
        passed = probability >= threshold
        return float((passed[is_usable].mean() + (~passed[~is_usable]).mean()) / 2)

    best = max((round(0.30 + 0.05 * step, 2) for step in range(9)), key=parting)
    return best if parting(best) > parting(0.5) + worth else 0.5
