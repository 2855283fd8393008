"""A small softmax regression on indicators, in plain arithmetic: the probe needs no more."""

import numpy as np
from numpy.typing import NDArray

from trainer.metrics import Indices

_STEPS = 200
_SHRINKAGE = 1e-3


def fit_softmax(inputs: NDArray[np.float32], truth: Indices, labels: int) -> NDArray[np.float64]:
    """Weights float64 [F, C] for indicators [N, F]: `(inputs @ weights).argmax(1)` names the label.

    Every label weighs the same however many examples it has. Minimises the cross-entropy with a little shrinkage by
    Nesterov's accelerated gradient at a fixed step; deterministic. Rows that are equal are counted together.
    """
    rows, row_of = np.unique(inputs, axis=0, return_inverse=True)
    counts = np.bincount(row_of.ravel() * labels + truth, minlength=len(rows) * labels).reshape(len(rows), labels)
    targets = counts / np.maximum(counts.sum(0), 1) / labels  # [U, C], together 1
    total = targets.sum(1, keepdims=True)
    # The softmax's curvature is at most 1/2 times that of the inputs' squared length (Boehning 1992).
    step = 1 / (0.5 * float((rows**2).sum(1).max()) + _SHRINKAGE)
    weights = ahead = np.zeros((rows.shape[1], labels))
    for number in range(1, _STEPS + 1):
        logits = rows @ ahead
        powers = np.exp(logits - logits.max(1, keepdims=True))
        surplus = total * powers / powers.sum(1, keepdims=True) - targets
        moved = ahead - step * (rows.T @ surplus + _SHRINKAGE * ahead)
        ahead = moved + (number - 1) / (number + 2) * (moved - weights)
        weights = moved
    return weights
