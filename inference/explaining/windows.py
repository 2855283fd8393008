"""Windows through which a picture is searched: soft spots on a grid, each larger than its cell."""

import functools

import numpy as np

from inference.explaining.planes import SIDE
from inference.preprocess import Tensor

_REACH = 1.1
"""Half a window's width in cells: neighbours overlap by more than half, so that nothing falls between two."""
_PLATEAU = 1.6
"""The cosine is raised by this and cut at 1: a window hides its middle wholly."""


@functools.lru_cache(maxsize=8)
def windows(count: int) -> Tensor:
    """Give `count` x `count` windows [count^2, SIDE, SIDE], row by row; 1 hides, 0 does not."""
    centres = (np.arange(count) + 0.5) / count
    places = (np.arange(SIDE) + 0.5) / SIDE
    away = (places[None, :] - centres[:, None]) * count / _REACH
    profiles = np.where(np.abs(away) < 1, 0.5 + 0.5 * np.cos(np.pi * away), 0)
    spots = _PLATEAU * profiles[:, None, :, None] * profiles[None, :, None, :]
    made = np.minimum(spots, 1).reshape(count * count, SIDE, SIDE).astype(np.float32)
    made.flags.writeable = False
    return made


def painted(made: Tensor, values: Tensor) -> Tensor:
    """Give each place the mean of the `values` [n] of the windows [n, SIDE, SIDE] over it, by their weight there."""
    total = np.tensordot(values, made, 1)
    mean: Tensor = (total / (made.sum(0) + 1e-6)).astype(np.float32)
    return mean


def averaged(made: Tensor, plane: Tensor) -> Tensor:
    """Give the mean of a plane within each window: [n]."""
    mean: Tensor = (made * plane).sum((1, 2)) / made.sum((1, 2))
    return mean
