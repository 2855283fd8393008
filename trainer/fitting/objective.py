"""What is made small, and how well it went: rules on tensors."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from trainer.fitting.recipe import Measure


def class_weights(targets: Tensor, classes: int, rarity: float) -> Tensor:
    """Weight [classes] of each class: its rarity to the power of `rarity`, 1 on average over the examples."""
    weights = torch.bincount(targets, minlength=classes).float().clamp(min=1).pow(-rarity)
    return weights / weights[targets].mean()


def share_of_loss(logits: Tensor, targets: Tensor, weights: Tensor, smoothing: float, whole: Tensor) -> Tensor:
    """What `logits` [n, C] of a part of a batch add to the batch's weighted mean categorical cross-entropy.

    `whole` are the targets of all of the batch: over parts in several processes the sum is the same as in one.
    """
    summed = cross_entropy(logits.float(), targets, weights, reduction="sum", label_smoothing=smoothing)
    return summed / weights[whole].sum()


def balanced_accuracy(named: Tensor, targets: Tensor) -> float:
    """The mean recall of the classes that `targets` has examples of."""
    right = (named == targets).float()
    recalls = [right[targets == label].mean() for label in set(targets.tolist())]
    return float(torch.stack(recalls).mean())


def score(measure: Measure, loss: float, accuracy: float, balanced: float) -> float:
    """The number that early stopping looks at; larger is better."""
    return {"loss": -loss, "accuracy": accuracy, "balanced_accuracy": balanced}[measure]
