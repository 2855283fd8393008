"""Widening and narrowing masks and planes by small squares."""

import numpy as np
from numpy.typing import NDArray

from trainer.sorting.views import Mask

Plane = NDArray[np.uint8]


def dilated(mask: Mask, reach: int) -> Mask:
    """Widen by `reach` pixels every way."""
    return _ranked(mask.astype(np.uint8), reach, largest=True) > 0


def eroded(mask: Mask, reach: int) -> Mask:
    """Narrow by `reach` pixels every way; the frame's edge does not narrow."""
    return _ranked(mask.astype(np.uint8), reach, largest=False) > 0


def opened(mask: Mask, reach: int) -> Mask:
    """Without what is narrower than 2 `reach` + 1 pixels."""
    return dilated(eroded(mask, reach), reach)


def closed(mask: Mask, reach: int) -> Mask:
    """With gaps up to 2 `reach` pixels filled."""
    return eroded(dilated(mask, reach), reach)


def closed_plane(plane: Plane, reach: int) -> Plane:
    """Grey closing: dark structures narrower than 2 `reach` + 1 pixels (hair, print) take their surroundings' level."""
    return _ranked(_ranked(plane, reach, largest=True), reach, largest=False)


def opened_plane(plane: Plane, reach: int) -> Plane:
    """Grey opening: the same for bright structures."""
    return _ranked(_ranked(plane, reach, largest=False), reach, largest=True)


def _ranked(plane: Plane, reach: int, *, largest: bool) -> Plane:
    """The largest (or least) of each square of 2 `reach` + 1: a square is a column of rows."""
    rank = np.maximum if largest else np.minimum
    for axis in (0, 1):
        padded = np.pad(plane, [(reach, reach) if one == axis else (0, 0) for one in (0, 1)], mode="edge")
        length = plane.shape[axis]
        plane = padded.take(range(length), axis)
        for step in range(1, 2 * reach + 1):
            other = padded[step : step + length] if axis == 0 else padded[:, step : step + length]
            plane = rank(plane, other)
    return plane
