"""What a backbone saw on its way: the maps at each of its resolutions, pooled to a few numbers a channel.

The last map knows what a picture shows; small dots, thin strokes and slight blur live in the earlier ones, and are
gone by then. With all of them a frozen backbone says much more about a photo than with the last one alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from trainer.networks.backbone import Backbone

NUMBERS = 3
"""How many numbers are kept of each channel: mean, size, highest."""

_TRIAL_SIDE = 64
_FINEST_PRETRAINED, _FINEST_OWN = 4, 8  # of the picture's side a map's is a quarter, or an eighth, at most
_LEAST = 1e-6  # under the root


@dataclass(frozen=True, slots=True)
class Level:
    """A map of `width` channels that is there at the cut `cut`."""

    cut: int
    width: int


def levels_of(backbone: Backbone) -> tuple[Level, ...]:
    """Where the maps of each resolution end, from fine to coarse, without the last; none of tokens.

    Finer maps are read of a pretrained backbone, which may stay as it is; one that is fitted can carry on what it
    needs, and reading its finest maps would take as long as all the rest.
    """
    finest = _FINEST_PRETRAINED if backbone.pretrained else _FINEST_OWN
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
        if each.shape[-1] != after.shape[-1] and each.shape[-1] * finest <= _TRIAL_SIDE
    ]
    return tuple(last)


def _maps(backbone: Backbone) -> Iterator[Tensor]:
    features = backbone.normalised(torch.zeros(1, 3, _TRIAL_SIDE, _TRIAL_SIDE))
    for stage in backbone.stages:
        features = stage(features)
        yield features


def numbers_of(features: Tensor) -> Tensor:
    """Mean, root of the mean square and highest of each channel: [N, 3 width] of a map [N, width, h, w], float32."""
    size = (features * features).mean((2, 3), dtype=torch.float32).add(_LEAST).sqrt()
    # Pooling remembers where the highest lies; `amax` would look for it once more on the way back.
    highest = functional.adaptive_max_pool2d(features, 1).flatten(1)
    return torch.cat([features.mean((2, 3), dtype=torch.float32), size, highest.float()], 1)
