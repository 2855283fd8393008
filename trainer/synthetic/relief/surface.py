"""The bare skin's relief: polygons between furrows, folds, pores, a fine grain, as heights in millimetres."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.noise import Field, grains, lattice, octaves, resized
from trainer.synthetic.relief.cells import CELL_PX, cell_tile, spread

_TILE_CELLS = 45
_FINEST_CELL_PX = 4.0  # below it the polygons are no longer resolved


@dataclass(frozen=True, slots=True)
class Texture:
    """What the surface is like: `cell_mm` across a polygon, `depth_mm` of the furrows, drawn out by `stretch`."""

    cell_mm: float
    depth_mm: float
    stretch: float
    angle: float
    fold_depth_mm: float
    fold_mm: float
    pores: float
    grain: float


def any_texture(rng: np.random.Generator) -> Texture:
    """From a child's smooth arm to a weathered neck."""
    weathered = float(rng.beta(1.3, 2.2))
    return Texture(
        cell_mm=float(rng.uniform(0.45, 1.0) * (1 + 0.6 * weathered)),
        depth_mm=float(rng.uniform(0.015, 0.05) * (1 + 1.6 * weathered)),
        stretch=float(rng.uniform(1.0, 1.8)),
        angle=float(rng.uniform(0, math.pi)),
        fold_depth_mm=float(max(0.0, rng.normal(0.05, 0.12)) * (0.4 + 2 * weathered)),
        fold_mm=float(rng.uniform(2.0, 6.0)),
        pores=float(rng.choice([0.0, rng.uniform(0.2, 1.0)])),
        grain=float(rng.uniform(0.5, 1.4)),
    )


def heights(texture: Texture, rng: np.random.Generator, size: tuple[int, int], px_per_mm: float) -> Field:
    """Height of each pixel in millimetres, about 0 on the average, for a `size` of (width, height)."""
    cell_px = texture.cell_mm * px_per_mm
    field = _polygons(texture, rng, size, cell_px)
    field *= np.float32(texture.depth_mm)
    grain_px = max(0.09 * px_per_mm, 1.3)
    field += np.float32(0.14 * texture.depth_mm * texture.grain) * grains(rng, size, grain_px)
    if texture.fold_depth_mm > 0.01:
        small = (max(2, size[0] // 2), max(2, size[1] // 2))
        fold = resized(lattice(rng, small, texture.fold_mm * px_per_mm / 2, 4.0, texture.angle), size)
        crease = np.exp(-np.abs(fold) * np.float32(3.5))
        field -= np.float32(0.6 * texture.fold_depth_mm) * crease
    if texture.pores > 0 and px_per_mm > 6:
        hole = np.clip(grains(rng, size, 0.5 * px_per_mm) - np.float32(1.7), 0, 1)
        field -= np.float32(0.12 * texture.pores) * hole
    return field


def _polygons(texture: Texture, rng: np.random.Generator, size: tuple[int, int], cell_px: float) -> Field:
    """About -1 in the furrows to 0.4 on the plateaus; made at the cells' own resolution, then enlarged."""
    if cell_px < _FINEST_CELL_PX:
        return np.float32(0.4) * grains(rng, size, max(cell_px, 1.3))
    scale = min(1.0, CELL_PX / cell_px)
    small = (max(2, round(size[0] * scale)), max(2, round(size[1] * scale)))
    step = CELL_PX / (cell_px * scale)
    x, y = _turned(texture, small, step)
    wander = np.float32(0.55 * CELL_PX)
    x += wander * octaves(rng, small, 40, 9)
    y += wander * octaves(rng, small, 40, 9)
    tile = cell_tile(rng, _TILE_CELLS)
    plateau = np.sqrt(np.clip(spread(tile, y, x) * np.float32(2.2), 0, 1)) - np.float32(0.72)
    uneven = octaves(rng, small, 60, 14)
    return resized(plateau * (1 + np.float32(0.25) * uneven), size)


def _turned(texture: Texture, size: tuple[int, int], step: float) -> tuple[Field, Field]:
    """Coordinates in the tile's pixels, turned by the texture's angle and squeezed across its lines."""
    x = np.arange(size[0], dtype=np.float32)[None, :] * np.float32(step)
    y = np.arange(size[1], dtype=np.float32)[:, None] * np.float32(step)
    cosine, sine = np.float32(math.cos(texture.angle)), np.float32(math.sin(texture.angle))
    squeeze = np.float32(math.sqrt(texture.stretch))
    along, across = (cosine * x + sine * y) / squeeze, (cosine * y - sine * x) * squeeze
    return along.astype(np.float32), across.astype(np.float32)
