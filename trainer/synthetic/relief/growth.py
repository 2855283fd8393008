"""Shapes that grew: blobs added one at another's edge, the outline a level set of their sum."""

import math

import numpy as np

from trainer.synthetic.noise import Field, octaves

_COARSE_SIDE = 160
REACH = 2.1
"""A grown shape's square is this many radii from its middle to its side."""


def grown(rng: np.random.Generator, side: int, lobes: int, ragged: float) -> Field:
    """Distance from the middle in units of the outline, [side, side]: below 1 inside, about 1.6 far out.

    The area inside is that of a circle of radius side / (2 * REACH), whatever the shape; `side` is at least 4.
    """
    coarse = min(side, _COARSE_SIDE)
    axis = (np.arange(coarse, dtype=np.float32) + np.float32(0.5)) / np.float32(coarse) * np.float32(2 * REACH) - REACH
    total = np.zeros((coarse, coarse), dtype=np.float32)
    for x, y, radius in _blobs(rng, int(rng.integers(1, lobes + 1))):
        squared = ((axis - x)[None, :] ** 2 + (axis - y)[:, None] ** 2) / np.float32(radius * radius)
        total += np.exp(-squared)
    distance = np.sqrt(-np.log(np.clip(total / total.max(), 1e-4, 1)))
    rough = octaves(rng, (coarse, coarse), coarse / 5, max(coarse / 80, 1.0), 0.65)
    distance *= 1 + np.float32(ragged * 0.75) * rough
    inside = math.pi / (2 * REACH) ** 2
    return np.asarray(distance / np.float32(max(float(np.quantile(distance, inside)), 1e-3)), dtype=np.float32)


def _blobs(rng: np.random.Generator, count: int) -> list[tuple[float, float, float]]:
    """Centre and radius of each; the middle of them all is 0, 0."""
    blobs = [(0.0, 0.0, 0.8)]
    while len(blobs) < count:
        x, y, radius = blobs[int(rng.integers(len(blobs)))]
        way, size = float(rng.uniform(0, 2 * math.pi)), radius * float(rng.uniform(0.45, 0.9))
        out = 0.5 * (radius + size) * float(rng.uniform(0.7, 1.2))
        blobs.append((x + out * math.cos(way), y + out * math.sin(way), size))
    squeeze = float(rng.uniform(0.75, 1.0))
    middle_x, middle_y = (sum(blob[axis] for blob in blobs) / len(blobs) for axis in (0, 1))
    reach = max(math.hypot(x - middle_x, y - middle_y) + size for x, y, size in blobs)
    scale = min(1.0, 1.15 / reach)
    return [((x - middle_x) * scale, (y - middle_y) * scale * squeeze, size * scale) for x, y, size in blobs]
