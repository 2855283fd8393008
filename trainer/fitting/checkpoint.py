"""What is written after each epoch, and read when a run is resumed: tensors and plain values, nothing that runs."""

import pickle
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from trainer.fitting.course import Course, Weights, course_of
from trainer.fitting.durable import write_whole
from trainer.fitting.errors import CannotResume
from trainer.fitting.recipe import Recipe

_FORMAT = 1


class Identity(NamedTuple):
    """What a checkpoint belongs to: only the same recipe, data, backbone and number of processes may go on from it."""

    recipe: str
    data: str
    backbone: str
    processes: int


def identity_of(recipe: Recipe, data: str, backbone: str, processes: int) -> Identity:
    """Name a run by what determines its outcome."""
    return Identity(recipe.digest(), data, backbone, processes)


class Checkpoint(NamedTuple):
    """`learner` is the state of the stage's optimiser, None between two stages."""

    course: Course
    network: Weights
    learner: dict[str, Any] | None


def save_checkpoint(path: Path, identity: Identity, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint in one step."""
    said = {
        "format": _FORMAT,
        "identity": identity._asdict(),
        "course": checkpoint.course.state(),
        "network": checkpoint.network,
        "learner": checkpoint.learner,
    }
    write_whole(path, lambda beside: torch.save(said, beside))


def load_checkpoint(path: Path, identity: Identity, network: nn.Module) -> Checkpoint:
    """Read the checkpoint and put its weights into the network. Raises CannotResume."""
    said = _read(path)
    if said.get("format") != _FORMAT:
        raise CannotResume(f"{path.name} was written by another version of the trainer")
    for name, wanted in identity._asdict().items():
        if said["identity"].get(name) != wanted:
            raise CannotResume(f"{path.name} is of another {_NAMES[name]}; start a new run in another folder")
    try:
        network.load_state_dict(said["network"])
    except RuntimeError as error:
        raise CannotResume(f"{path.name} is of another network") from error
    return Checkpoint(course_of(said["course"]), said["network"], said["learner"])


_NAMES = {"recipe": "recipe", "data": "set of photos", "backbone": "backbone", "processes": "number of processes"}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CannotResume(f"there is no {path.name} in the run folder: not one epoch was finished")
    try:
        said = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise CannotResume(f"{path.name} cannot be read") from error
    if not isinstance(said, dict) or not {"identity", "course", "network", "learner"} <= said.keys():
        raise CannotResume(f"{path.name} is no checkpoint")
    return said
