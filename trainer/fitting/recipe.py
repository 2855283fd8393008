"""How a network is fitted: values, without torch."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Part = Literal["head", "tail", "all"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Optimiser = Literal["adam", "adamw"]
Measure = Literal["loss", "accuracy", "balanced_accuracy"]
Schedule = Literal["one_cycle", "cosine", "constant"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stretch of the fit: which `part` of the network learns, for at most how many epochs, how fast.

    `head`: all but the backbone. `tail`: also the backbone's last `blocks` stages. `all`: everything. The backbone
    learns at `backbone_rate` times the rate. `variants` is how many differently augmented copies of the frozen
    part's output are kept; 0 keeps none and computes them anew in each epoch. `share` is of the budget, relative to
    the other stages'.
    """

    part: Part
    epochs: int
    learning_rate: float
    blocks: int = 0
    backbone_rate: float = 1.0
    variants: int = 0
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.learning_rate <= 0 or self.share <= 0 or self.backbone_rate <= 0:
            raise ValueError("a stage needs epochs, a learning rate, a backbone rate and a share above zero")
        if self.blocks < 0 or self.variants < 0 or (self.part == "tail") != (self.blocks > 0):
            raise ValueError("`blocks` belongs to a tail, and must then be at least 1; `variants` is not negative")
        if self.part == "all" and self.variants:
            raise ValueError("nothing is frozen in `all`, so nothing can be kept")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard to fit; with the data, the network and the machine it determines the model.

    `rarity` is the power of its rarity that a class weighs with in the loss: 0 all alike, 1 in full. `warm_up` is
    the part 0..1 of a stage in which the rate rises. `average_epochs` is over how many epochs weights are averaged
    (exponentially; 0 not at all); averaged ones are then judged and kept. `patience` epochs without a better
    `judged_by` on the tune side end a stage, 0 never; `keep_best` goes back to the best epoch, else the last stays.
    `budget_seconds` of wall time are for all stages together. `cache_bytes` bounds what is kept of a frozen part.
    """

    stages: tuple[Stage, ...]
    batch_size: int = 32
    optimiser: Optimiser = "adamw"
    schedule: Schedule = "one_cycle"
    warm_up: float = 0.15
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    rarity: float = 0.0
    largest_gradient: float = 5.0
    average_epochs: float = 0.0
    patience: int = 0
    judged_by: Measure = "loss"
    keep_best: bool = True
    budget_seconds: float | None = None
    cache_bytes: int = 4_000_000_000
    precision: Precision = "auto"
    device: str = "auto"
    threads: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("a recipe needs a stage")
        if self.batch_size < 2 or self.largest_gradient <= 0 or self.cache_bytes < 0 or self.threads < 0:
            raise ValueError("a batch needs two examples; bounds are above zero")
        if not (0 <= self.label_smoothing < 1 and 0 <= self.rarity <= 1 and 0 < self.warm_up < 1):
            raise ValueError("label smoothing, rarity and warm-up lie within 0 to 1")
        if self.average_epochs < 0 or self.patience < 0 or self.weight_decay < 0 or self.seed < 0:
            raise ValueError("averaging, patience, weight decay and seed are not negative")
        if self.budget_seconds is not None and self.budget_seconds <= 0:
            raise ValueError("a budget is above zero seconds")

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        said: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return said

    def digest(self) -> str:
        """SHA-256 over all choices: two recipes with the same digest are the same."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


def from_scratch(epochs: int, learning_rate: float = 3e-3, **choices: Any) -> Recipe:
    """Everything learns from the first step; weights averaged over one epoch."""
    return replace(Recipe((Stage("all", epochs, learning_rate),), average_epochs=1.0), **choices)


def pretrained_tail(epochs: int = 16, blocks: int = 5, passes: int = 16, **choices: Any) -> Recipe:
    """For a few hundred photos: the backbone's last `blocks` stages and the head together, on `passes` drawn passes.

    More of the backbone learns such photos by heart. Nothing is picked by the tune side, which is then a few dozen.
    """
    stage = Stage("tail", epochs, 5e-4, blocks=blocks, backbone_rate=0.5, variants=passes)
    return replace(Recipe((stage,), rarity=0.7, keep_best=False), **choices)


def pretrained(
    head_epochs: int = 12,
    tail_epochs: int = 8,
    all_epochs: int = 6,
    tail_blocks: int = 4,
    *,
    variants: int = 4,
    **choices: Any,
) -> Recipe:
    """The head on kept features, then the backbone's tail, then everything, ever slower; 0 epochs skip a stage.

    `variants` augmented copies of the features are kept for the head.
    """
    stages = (
        (head_epochs, "head", 2e-3, 0, variants, 1.0),
        (tail_epochs, "tail", 5e-4, tail_blocks, 2, 2.0),
        (all_epochs, "all", 3e-4, 0, 0, 6.0),
    )
    chosen = tuple(
        Stage(part, epochs, rate, blocks, 0.3 if part != "head" else 1.0, variants, share)  # type: ignore[arg-type]
        for epochs, part, rate, blocks, variants, share in stages
        if epochs
    )
    return replace(Recipe(chosen, patience=4), **choices)
