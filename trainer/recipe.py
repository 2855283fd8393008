"""How a network is fitted, and what each epoch gave: values, without torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard to fit; with the data and the code version it determines the model.

    `rarity` is the power of its rarity that a class weighs with in the loss: 0 all alike, 1 in full.
    """

    epochs: int
    batch_size: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    label_smoothing: float = 0.05
    rarity: float = 0.5
    seed: int = 0
    threads: int = 1


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
