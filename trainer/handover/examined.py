"""What the gate starts from: a model's answers to the held-out photos, and what else is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inference.manifest import Task
from trainer.evaluation.scored import Scored


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Why the model that serves was not asked about the same photos; `refuses` where the new one must wait for that."""

    why: str
    refuses: bool


Served = Scored | NotCompared | None
"""The serving model's answers to the held-out photos of patients whom it has not learnt from, in their order; None
where no model serves."""


def beside(scored: Scored, served: Scored) -> Scored:
    """The answers to those photos that the serving model was asked about: all of some patients."""
    asked = set(served.patients)
    return scored.part(np.array([patient in asked for patient in scored.patients], dtype=np.bool_))


@dataclass(frozen=True, slots=True)
class FileCost:
    """What a model's file costs: its size, and the median time of one photo on one thread."""

    file_bytes: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How many real photos of how many patients stand behind the answers."""

    photos: int
    patients: int


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A model as the gate sees it.

    `trained_on` counts the training photos of each label. `usable_threshold` is a suitability model's least P(usable),
    None for a disease model. `malignant` names labels of a disease model. `file` is None before there is a file.
    `told` are its answers to the same photos with what is known of the patients, None of a model that looks at
    pictures alone; no check goes by them. `made_from` is None where each answer is to a photo as it is, else what the
    examples were made from: many of one photo, or of none.
    Raises ValueError where the threshold does not fit the task.
    """

    task: Task
    scored: Scored
    trained_on: Mapping[str, int]
    usable_threshold: float | None = None
    malignant: tuple[str, ...] = ()
    file: FileCost | None = None
    made_from: HeldOut | None = None
    told: Scored | None = None

    def __post_init__(self) -> None:
        if (self.usable_threshold is not None) != (self.task == "suitability"):
            raise ValueError("a suitability model has a threshold of P(usable), a disease model has none")

    @property
    def held_out(self) -> HeldOut:
        """The real photos, and their patients as far as they are known."""
        return self.made_from or HeldOut(len(self.scored), len(set(self.scored.clusters().tolist())))
