"""The loop: Adam on categorical cross-entropy, seeded, reporting every epoch as it ends."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

Batch = tuple[tuple[Tensor, ...], Tensor]
"""What the network takes, in its order, and the index of each example's label, int64 [N]."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard to fit; with the data and the code version it determines the model."""

    epochs: int
    batch_size: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    label_smoothing: float = 0.05
    seed: int = 0
    threads: int = 1


class Examples(Protocol):
    """Labelled examples of one task."""

    @property
    def targets(self) -> Tensor:
        """Index of the label of each example, int64 [N]."""

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        """All examples once, in a drawn order, each changed a little (augmented) as the draw has it."""

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """All examples once, in order, unchanged."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch cost and gave; accuracy 0..1; `unseen_*` on examples not trained on."""

    number: int
    seconds: float
    step_milliseconds: float
    loss: float
    accuracy: float
    unseen_loss: float
    unseen_accuracy: float


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

    Rare classes weigh more in the loss, by the root of their rarity.
    """
    rng = np.random.default_rng(recipe.seed)
    steps = -(-len(training.targets) // recipe.batch_size)
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=steps * recipe.epochs + 1, pct_start=0.15
    )
    weights = class_weights(training.targets)
    epochs = []
    for number in range(1, recipe.epochs + 1):
        started = time.perf_counter()
        network.train()
        loss, right = 0.0, 0
        for inputs, targets in training.shuffled(rng, recipe.batch_size):
            logits = network(*inputs)
            step_loss = functional.cross_entropy(
                logits, targets, weight=weights, label_smoothing=recipe.label_smoothing
            )
            optimiser.zero_grad(set_to_none=True)
            step_loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
            schedule.step()
            loss += float(step_loss.detach()) * len(targets)
            right += int((logits.argmax(1) == targets).sum())
        seconds = time.perf_counter() - started
        unseen_logits = predict(network, unseen, recipe.batch_size)
        count = len(training.targets)
        epoch = Epoch(
            number=number,
            seconds=seconds,
            step_milliseconds=1000 * seconds / steps,
            loss=loss / count,
            accuracy=right / count,
            unseen_loss=float(functional.cross_entropy(unseen_logits, unseen.targets)),
            unseen_accuracy=float((unseen_logits.argmax(1) == unseen.targets).float().mean()),
        )
        report(epoch)
        epochs.append(epoch)
    return tuple(epochs)


def predict(network: nn.Module, examples: Examples, batch_size: int) -> Tensor:
    """Logits [N, C] of all examples, in their order."""
    network.eval()
    with torch.inference_mode():
        parts = [network(*inputs) for inputs, _ in examples.in_order(batch_size)]
    return torch.cat(parts).clone()


def class_weights(targets: Tensor) -> Tensor:
    """Weight of each class up to the highest seen: the root of its rarity, 1 on average over the examples."""
    counts = torch.bincount(targets).float().clamp(min=1)
    weights = counts.rsqrt()
    return weights * (len(targets) / (weights * counts).sum())
