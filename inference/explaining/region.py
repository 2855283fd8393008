"""The part of a picture that a map points at: where it is high, neither a dot nor half the frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.preprocess import Tensor

LEVEL = 0.35
LEAST_SHARE, MOST_SHARE = 0.03, 0.20
"""Of the frame: less is smaller than a window, more is no place any longer."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions, 0..1, of the upright picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float


def level_of(plane: Tensor) -> float:
    """Give the value from which on a place of a map [h, w], 0..1, belongs to a region of those sizes."""
    return float(np.clip(LEVEL, *np.quantile(plane, (1 - MOST_SHARE, 1 - LEAST_SHARE))))


def region_of(plane: Tensor, level: float) -> Mask:
    """Give the places [h, w] of a map from `level` on; empty where the map is."""
    region: Mask = (plane >= level) & (plane > 0)
    return region


def box_around_peak(plane: Tensor, level: float) -> Box | None:
    """Give the box around that connected part of the region which holds the map's highest place; None without one."""
    region = region_of(plane, level)
    if not region.any():
        return None
    part = np.zeros_like(region)
    part.flat[int(np.where(region, plane, -1).argmax())] = True
    while (grown := _grown(part) & region).sum() > part.sum():
        part = grown
    rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    height, width = region.shape
    edges = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
    return Box(*(round(float(edge), 4) for edge in edges))


def _grown(mask: Mask) -> Mask:
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1]
    grown: Mask = inner | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return grown
