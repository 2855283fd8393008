"""The loop: Adam on categorical cross-entropy, seeded, reporting every epoch as it ends."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Adam
from torch.optim.lr_scheduler import OneCycleLR

from trainer.recipe import Epoch, Recipe

Batch = tuple[tuple[Tensor, ...], Tensor]
"""What the network takes, in its order, and the index of each example's label, int64 [N]."""


class Examples(Protocol):
    """Labelled examples of one task."""

    @property
    def classes(self) -> int:
        """How many labels there are, whether or not each has an example."""

    @property
    def targets(self) -> Tensor:
        """Index of the label of each example, int64 [N]."""

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        """All examples once, in a drawn order, each changed a little (augmented) as the draw has it."""

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """All examples once, in order, unchanged."""


def seed_everything(recipe: Recipe) -> None:
    """Fix the draws of torch and how many threads it uses: same recipe, same machine, same model."""
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)


def fit(
    network: nn.Module,
    training: Examples,
    unseen: Examples,
    recipe: Recipe,
    report: Callable[[Epoch], None],
) -> tuple[Epoch, ...]:
    """Fit `network` in place over `recipe.epochs`; the last epoch's weights stay, none is picked by its score.

    Rare classes weigh more in the loss, as the recipe has it. `report` is called as each epoch ends.
    """
    rng = np.random.default_rng(recipe.seed)
    steps = -(-len(training.targets) // recipe.batch_size)
    optimiser = Adam(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = OneCycleLR(optimiser, recipe.learning_rate, total_steps=steps * recipe.epochs + 1, pct_start=0.15)
    weights = class_weights(training.targets, training.classes, recipe.rarity)
    epochs = []
    for number in range(1, recipe.epochs + 1):
        started = time.perf_counter()
        network.train()
        loss, right = 0.0, 0
        for inputs, targets in training.shuffled(rng, recipe.batch_size):
            logits = network(*inputs)
            step_loss = cross_entropy(logits, targets, weights, label_smoothing=recipe.label_smoothing)
            optimiser.zero_grad(set_to_none=True)
            step_loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
            schedule.step()
            loss += float(step_loss.detach()) * len(targets)
            right += int((logits.argmax(1) == targets).sum())
        seconds = time.perf_counter() - started
        seen = _Seen(seconds, seconds / steps, loss / len(training.targets), right / len(training.targets))
        epochs.append(_epoch(number, seen, network, unseen, recipe))
        report(epochs[-1])
    return tuple(epochs)


class _Seen(NamedTuple):
    """What an epoch gave on the examples it fitted on."""

    seconds: float
    step_seconds: float
    loss: float
    accuracy: float


def _epoch(number: int, seen: _Seen, network: nn.Module, unseen: Examples, recipe: Recipe) -> Epoch:
    logits = predict(network, unseen.in_order(recipe.batch_size))
    return Epoch(
        number=number,
        seconds=seen.seconds,
        step_milliseconds=1000 * seen.step_seconds,
        loss=seen.loss,
        accuracy=seen.accuracy,
        unseen_loss=float(cross_entropy(logits, unseen.targets)),
        unseen_accuracy=float((logits.argmax(1) == unseen.targets).float().mean()),
    )


def predict(network: nn.Module, batches: Iterable[Batch]) -> Tensor:
    """Logits [N, C] of all examples of the batches, in their order."""
    network.eval()
    with torch.inference_mode():
        parts = [network(*inputs) for inputs, _ in batches]
    return torch.cat(parts).clone()


def class_weights(targets: Tensor, classes: int, rarity: float) -> Tensor:
    """Weight [classes] of each class: its rarity to the power of `rarity`, 1 on average over the examples."""
    weights = torch.bincount(targets, minlength=classes).float().clamp(min=1).pow(-rarity)
    return weights / weights[targets].mean()
