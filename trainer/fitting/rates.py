"""Optimiser and learning rates: which weights, how fast, when."""

import math
from collections.abc import Callable
from functools import partial

from torch import nn
from torch.optim import Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from trainer.fitting.recipe import Recipe, Schedule, Stage
from trainer.networks.staged import StagedNetwork

_FIRST = 0.04  # of the full rate, where a rise begins
_LAST = 1e-4  # of the full rate, where a fall ends


def optimiser_for(network: StagedNetwork, recipe: Recipe, stage: Stage) -> Optimizer:
    """Adam or AdamW over what learns in the stage: the rest of the network first, then the backbone, slower.

    Biases and norms are not decayed: pulling them to zero takes away scale, not complexity.
    """
    of_backbone = {id(weights) for weights in network.backbone.parameters()}
    groups = []
    for inside, rate in ((False, 1.0), (True, stage.backbone_rate)):
        learning = [one for one in network.parameters() if one.requires_grad and (id(one) in of_backbone) == inside]
        for decayed in (True, False):
            chosen = [one for one in learning if (one.dim() > 1) == decayed]
            if chosen:
                decay = recipe.weight_decay if decayed else 0.0
                groups.append({"params": chosen, "lr": stage.learning_rate * rate, "weight_decay": decay})
    kind = {"adam": Adam, "adamw": AdamW}[recipe.optimiser]
    optimiser: Optimizer = kind(groups, lr=stage.learning_rate)
    return optimiser


def schedule_for(optimiser: Optimizer, recipe: Recipe, steps: int) -> LambdaLR:
    """The rates over all `steps` of a stage."""
    of_step: Callable[[int], float] = partial(rate_at, steps=steps, warm_up=recipe.warm_up, schedule=recipe.schedule)
    return LambdaLR(optimiser, of_step)


def rate_at(step: int, steps: int, warm_up: float, schedule: Schedule) -> float:
    """The part of the full rate at `step` (from 0) of `steps`; both curves end close to zero.

    `one_cycle` rises and falls along cosines (Smith 2018), `cosine` rises in a line, `constant` stays up.
    """
    rising = max(1, round(steps * warm_up))
    if step < rising:
        part = step / rising
        return _between(_FIRST, 1, part if schedule != "one_cycle" else (1 - math.cos(math.pi * part)) / 2)
    if schedule == "constant":
        return 1.0
    part = min(1.0, (step - rising) / max(1, steps - rising))
    return _between(1, _LAST, (1 - math.cos(math.pi * part)) / 2)


def learning(network: nn.Module) -> list[nn.Parameter]:
    """The weights that learn, in the network's order."""
    return [weights for weights in network.parameters() if weights.requires_grad]


def _between(start: float, end: float, part: float) -> float:
    return start + (end - start) * part
