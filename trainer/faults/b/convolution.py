"""Any point-spread function over a picture, at a cost that does not grow with its size."""

import math

import numpy as np
from numpy.typing import NDArray

from trainer.faults.primitives import Pixels

Spread = NDArray[np.float32]
"""Point-spread function [k, k], k odd; sums to 1."""


def convolved(picture: Pixels, spread: Spread) -> Pixels:
    """The picture [rows, columns, 3] seen through `spread`, mirrored at its edges."""
    rows, columns = picture.shape[:2]
    reach = min(spread.shape[0] // 2, rows - 1, columns - 1)
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    shape = (_quick(padded.shape[0] + reach), _quick(padded.shape[1] + reach))
    transfer = np.fft.rfft2(spread, shape)
    out = np.empty_like(picture)
    start = spread.shape[0] // 2 + reach
    for channel in range(3):
        seen = np.fft.irfft2(np.fft.rfft2(padded[..., channel], shape) * transfer, shape)
        out[..., channel] = seen[start : start + rows, start : start + columns]
    return out


def aperture(radius_px: float, blades: int, turn: float) -> Spread:
    """A disc of `radius_px`, or a polygon of `blades` (3 or more) corners about as wide: what a lens makes of a point.

    Drawn five times finer than the pixels, so that a radius of one and a half pixels is not a cross.
    """
    finer = 5
    half = max(1, math.ceil(radius_px))
    side = (2 * half + 1) * finer
    axis = (np.arange(side, dtype=np.float32) - (side - 1) / 2) / finer
    x, y = axis[None, :], axis[:, None]
    if blades < 3:
        inside = np.hypot(x, y) <= radius_px
    else:
        angle = np.mod(np.arctan2(y, x) + turn, 2 * np.pi / blades) - np.pi / blades
        # A polygon whose area is about the disc's: its flat sides lie a little nearer than the radius.
        apothem = radius_px * math.sqrt(math.pi / (blades * math.tan(math.pi / blades)))
        inside = np.hypot(x, y) * np.cos(angle) <= apothem
    fine = inside.astype(np.float32).reshape(side // finer, finer, side // finer, finer).sum((1, 3))
    return np.asarray(fine / max(float(fine.sum()), 1.0), dtype=np.float32)


def shake(length_px: float, rng: np.random.Generator) -> Spread:
    """The path of an unsteady hand, `length_px` from end to end: a walk with inertia, slower here than there."""
    steps = 96
    pushes = rng.standard_normal((steps, 2)) * float(rng.uniform(0.1, 0.5)) + rng.standard_normal(2)
    path = np.cumsum(np.cumsum(pushes, axis=0) * 0.12 + rng.standard_normal(2), axis=0)
    path -= path.mean(0)
    extent = float(np.hypot(*(path.max(0) - path.min(0))))
    path *= length_px / max(extent, 1e-6)
    half = math.ceil(float(np.abs(path).max())) + 1
    side = 2 * half + 1
    spread = np.zeros((side, side), dtype=np.float32)
    _splat(spread, path + half)
    return spread / np.float32(spread.sum())


def _splat(spread: Spread, points: NDArray[np.float64]) -> None:
    """Add each point [x, y] to the four pixels it lies between."""
    low = np.floor(points).astype(np.int64)
    share = points - low
    for right in (0, 1):
        for down in (0, 1):
            weight = np.abs(1 - right - share[:, 0]) * np.abs(1 - down - share[:, 1])
            np.add.at(spread, (low[:, 1] + down, low[:, 0] + right), weight)


def _quick(length: int) -> int:
    """A length of at least `length` that transforms fast."""
    step = 32 if length > 128 else 8
    return -(-length // step) * step
