"""How far a fit has come: what must be known, beside the weights, to go on as if nothing had happened."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from trainer.fitting.epoch import Epoch
from trainer.fitting.recipe import Recipe

Weights = dict[str, Tensor]


@dataclass(slots=True)
class Course:
    """`stage` counts from 0 and is the one at work; `first_epoch` is its first, `planned` how many it may have,
    `variants` how many passes of its frozen part are kept; both are None until the stage is planned.

    `spent_seconds` is of wall time, over all runs that were resumed; a stage ends once it has passed `deadline`.
    `best_*` are of the best epoch so far over all stages; `stale` epochs have passed in this stage since the best.
    `plans` are the words about the budget.
    """

    stage: int = 0
    first_epoch: int = 1
    variants: int | None = None
    planned: int | None = None
    deadline: float | None = None
    spent_seconds: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)
    best_score: float | None = None
    best_weights: Weights | None = None
    stale: int = 0
    plans: list[str] = field(default_factory=list)

    @property
    def next_epoch(self) -> int:
        """The number of the epoch to come, from 1 over all stages."""
        return len(self.epochs) + 1

    def stage_over(self, recipe: Recipe) -> bool:
        """Whether the stage has had its epochs, its time or its patience."""
        done = self.next_epoch - self.first_epoch
        if self.planned is None or done >= self.planned:
            return True
        if done and self.deadline is not None and self.spent_seconds >= self.deadline:
            return True
        return bool(recipe.patience) and self.stale >= recipe.patience

    def is_best(self, score: float) -> bool:
        """Whether this score is better than all before."""
        return self.best_score is None or score > self.best_score

    def next_stage(self) -> None:
        """Leave the stage at work."""
        self.stage += 1
        self.first_epoch, self.stale = self.next_epoch, 0
        self.variants = self.planned = self.deadline = None

    def state(self) -> dict[str, Any]:
        """All of it as plain values and tensors."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "epochs": [epoch.as_json() for epoch in self.epochs]
        }


def course_of(state: dict[str, Any]) -> Course:
    """What `Course.state` gave, again."""
    return Course(**(state | {"epochs": [Epoch(**epoch) for epoch in state["epochs"]]}))
