"""What a backbone saw on its way: the maps at each of its resolutions, pooled to a few numbers a channel.

The last map knows what a picture shows; small dots, thin strokes and slight blur live in the earlier ones, and are
gone by then. With all of them a frozen backbone says much more about a photo than with the last one alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from trainer.networks.backbone import Backbone

NUMBERS = 3
"""How many numbers are kept of each channel: mean, spread, highest."""

_TRIAL_SIDE = 64
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class Level:
    """A map of `width` channels that is there at the cut `cut`."""

    cut: int
    width: int


def levels_of(backbone: Backbone) -> tuple[Level, ...]:
    """Where the maps of each resolution end, without the first (the stem's) and the last; none of token maps."""
    was_training = backbone.training
    backbone.eval()
    with torch.no_grad():
        maps = list(_maps(backbone))
    backbone.train(was_training)
    if any(each.ndim != 4 for each in maps):
        return ()
    last = [
        Level(cut, each.shape[1])
        for cut, (each, after) in enumerate(pairwise(maps), 1)
        if each.shape[-1] != after.shape[-1]
    ]
    return tuple(last[1:])


def _maps(backbone: Backbone) -> Iterator[Tensor]:
    features = backbone.normalised(torch.zeros(1, 3, _TRIAL_SIDE, _TRIAL_SIDE))
    for stage in backbone.stages:
        features = stage(features)
        yield features


def numbers_of(features: Tensor) -> Tensor:
    """Mean, spread and highest of each channel: [N, 3 width] of a map [N, width, h, w], float32."""
    whole = features.float()
    mean = whole.mean((2, 3))
    # The mean of squares less the square of the mean: maps are of the order of 1, so float32 has room enough.
    spread = ((whole * whole).mean((2, 3)) - mean * mean).clamp_min(0).add(_LEAST_SPREAD).sqrt()
    return torch.cat([mean, spread, whole.amax((2, 3))], 1)
