"""What run.json says of a fit."""

from dataclasses import asdict
from typing import Any

import torch

from trainer.fitting.course import Course
from trainer.fitting.machine import Machine, facts
from trainer.fitting.processes import Team
from trainer.fitting.task import FittingTask


def run_facts(task: FittingTask, course: Course, machine: Machine, team: Team, state: str) -> dict[str, Any]:
    """All that determines the run, and how far it has come; no path and no name of a machine."""
    return {
        "state": state,
        "recipe": task.recipe.as_json(),
        "recipe_sha256": task.recipe.digest(),
        "data_sha256": task.fingerprint,
        "backbone": asdict(task.network.backbone.origin),
        "seed": task.recipe.seed,
        "processes": team.size,
        "machine": facts(),
        "device": machine.device.type,
        "products_in": str(machine.format or torch.float32).removeprefix("torch."),
        "examples": {"training": len(task.training.targets), "tune": len(task.tune.targets)},
        "plans": course.plans,
        "spent_seconds": round(course.spent_seconds, 1),
        "epochs": len(course.epochs),
    }
