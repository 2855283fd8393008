"""Bare skin: colour, blotches, the fine relief of furrows and pores, freckles."""

from dataclasses import dataclass

import numpy as np

from trainer.synthetic.colour import Picture, skin_colour
from trainer.synthetic.noise import Field, lattice, octaves, ridges


@dataclass(frozen=True, slots=True)
class Skin:
    """What bare skin looks like. `tone` 0 light .. 1 dark, `furrow_mm` the mesh of its relief."""

    tone: float
    redness: float
    yellowness: float
    blotches: float
    furrow_mm: float
    furrow_depth: float
    furrow_angle: float
    freckles: float


def any_skin(rng: np.random.Generator) -> Skin:
    """Skin of any tone, with equal chance for each."""
    return Skin(
        tone=float(rng.uniform(0, 1)),
        redness=float(rng.uniform(-0.6, 2.2)),
        yellowness=float(rng.uniform(-0.8, 1.6)),
        blotches=float(rng.uniform(0.01, 0.09)),
        furrow_mm=float(rng.uniform(0.35, 0.9)),
        furrow_depth=float(rng.uniform(0.03, 0.16)),
        furrow_angle=float(rng.uniform(0, np.pi)),
        freckles=float(max(0.0, rng.normal(-0.1, 0.15))),
    )


def relief(skin: Skin, rng: np.random.Generator, size: tuple[int, int], px_per_mm: float) -> Field:
    """Height of the surface, about -1..1: two families of crossing furrows, pores, fine grain."""
    cell_px = skin.furrow_mm * px_per_mm
    cross = float(rng.uniform(0.9, 1.9))
    first = ridges(rng, size, cell_px, 2.5, skin.furrow_angle)
    second = ridges(rng, size, cell_px * 0.9, 2.0, skin.furrow_angle + cross)
    pores = np.clip(lattice(rng, size, cell_px * 0.5) - 1.2, 0, 1)
    fine = lattice(rng, size, max(cell_px / 6, 1.0))
    height = 0.45 - 0.6 * first - 0.5 * second - 0.5 * pores + 0.22 * fine
    return np.asarray(height, dtype=np.float32)


def paint_skin(
    skin: Skin, rng: np.random.Generator, size: tuple[int, int], px_per_mm: float, surface: Field
) -> Picture:
    """Reflectance of bare skin with its relief shaded in; `surface` as `relief` gives it."""
    width, height = size
    colour = skin_colour(skin.tone, skin.redness, skin.yellowness)
    coarse = octaves(rng, size, min(12 * px_per_mm, width / 2), max(2.0, px_per_mm / 2))
    blush = octaves(rng, size, min(20 * px_per_mm, width / 2), max(4.0, px_per_mm))
    shade = 1 + skin.blotches * coarse + skin.furrow_depth * surface
    picture = np.empty((height, width, 3), dtype=np.float32)
    red = skin.blotches * blush
    for channel, turn in enumerate((0.25, -0.7, -0.5)):
        picture[..., channel] = colour[channel] * shade * (1 + np.float32(turn) * red)
    if skin.freckles > 0.02:
        spots = np.clip(lattice(rng, size, 1.4 * px_per_mm) - 1.3, 0, 1) * min(skin.freckles * 2, 0.8)
        picture *= 1 - spots[..., None] * np.array([0.35, 0.55, 0.65], dtype=np.float32)
    return np.asarray(np.clip(picture, 0.002, 1.2), dtype=np.float32)
