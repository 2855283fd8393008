"""Random fields that everything drawn here is made of: bounded in cost, exact by generator."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]
"""One value per pixel, [rows, columns]."""

_FINEST_CELL_PX = 1.2  # below it a lattice is white noise, and drawn as such


def lattice(
    rng: np.random.Generator,
    size: tuple[int, int],
    cell_px: float,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> Field:
    """Smooth noise of about zero mean and unit deviation for a `size` of (width, height).

    Random values on a grid of `cell_px` (times `stretch` along `angle`, in radians), interpolated between.
    """
    width, height = size
    if cell_px < _FINEST_CELL_PX:
        return rng.standard_normal((height, width), dtype=np.float32)
    diagonal = math.hypot(width, height)
    along_px = cell_px * stretch
    columns = math.ceil(diagonal / along_px) + 6
    rows = math.ceil(diagonal / cell_px) + 6
    grid = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    cosine, sine = math.cos(angle), math.sin(angle)
    across = (cosine / along_px, sine / along_px)
    down = (-sine / cell_px, cosine / cell_px)
    centre = (width / 2, height / 2)
    matrix = (
        *across,
        columns / 2 - across[0] * centre[0] - across[1] * centre[1],
        *down,
        rows / 2 - down[0] * centre[0] - down[1] * centre[1],
    )
    field = grid.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    return np.asarray(field, dtype=np.float32) * np.float32(1.35)  # interpolation shrinks the deviation


def grains(rng: np.random.Generator, size: tuple[int, int], cell_px: float) -> Field:
    """As `lattice` on an upright grid: about the same noise at a fraction of the cost."""
    width, height = size
    if cell_px < _FINEST_CELL_PX:
        return rng.standard_normal((height, width), dtype=np.float32)
    cells = (math.ceil(width / cell_px) + 1, math.ceil(height / cell_px) + 1)
    field = resized(rng.standard_normal((cells[1], cells[0]), dtype=np.float32), size)
    field *= np.float32(1.35)
    return field


def octaves(
    rng: np.random.Generator,
    size: tuple[int, int],
    coarsest_px: float,
    finest_px: float,
    persistence: float = 0.6,
) -> Field:
    """Noise of unit deviation with detail from `coarsest_px` to `finest_px`, each octave `persistence` as strong.

    Built from coarse to fine at the resolution each octave needs, so that it costs little more than the last one.
    """
    cell_px, weight = max(coarsest_px, finest_px), 1.0
    field = np.zeros((1, 1), dtype=np.float32)
    while True:
        cells = (math.ceil(size[0] / cell_px) + 1, math.ceil(size[1] / cell_px) + 1)
        field = resized(field, cells)
        field += np.float32(weight) * rng.standard_normal(field.shape, dtype=np.float32)
        if cell_px / 2 < finest_px or weight < 0.02:
            break
        weight *= persistence
        cell_px /= 2
    whole = resized(field, size)
    return whole / np.float32(max(float(whole.std()), 1e-6))


def ridges(rng: np.random.Generator, size: tuple[int, int], cell_px: float, stretch: float, angle: float) -> Field:
    """Lines where a lattice crosses zero: 1 on the line, falling to 0 beside it."""
    return np.clip(1 - np.abs(lattice(rng, size, cell_px, stretch, angle)) * 1.6, 0, 1)


def resized(field: Field, size: tuple[int, int]) -> Field:
    """The field stretched to a `size` of (width, height), smoothly."""
    stretched = Image.fromarray(field).resize(size, Image.Resampling.BICUBIC)
    return np.array(stretched, dtype=np.float32)
