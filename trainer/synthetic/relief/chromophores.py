"""The colour of skin by what absorbs in it: melanin and blood over a pale ground, as optical densities.

Reflectance is exp(-density) for red, green and blue (Beer-Lambert, as in the two-chromophore model of Tsumura 1999).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, grains, lattice, octaves, resized

Density = tuple[float, float, float]
GROUND: Density = (0.10, 0.30, 0.46)
MELANIN: Density = (2.1, 2.9, 3.6)
BLOOD: Density = (0.10, 0.95, 0.72)
_PERSON_MELANIN = (0.02, 1.15)  # Fitzpatrick I .. VI


@dataclass(frozen=True, slots=True)
class Complexion:
    """How much of what: `melanin` 0.02 (I) .. 1.15 (VI), `blood` about 0.1..0.9, and how unevenly."""

    melanin: float
    blood: float
    mottling: float
    mottle_mm: float
    patchiness: float
    freckles: float
    veins: float


def any_complexion(rng: np.random.Generator) -> Complexion:
    """Skin of any tone, with equal chance for each in terms of what the eye sees (the logarithm of light)."""
    tone = float(rng.uniform(0, 1))
    low, high = _PERSON_MELANIN
    melanin = low + (high - low) * tone**1.15
    return Complexion(
        melanin=melanin,
        blood=float(rng.uniform(0.10, 0.62) + 0.15 * max(0.0, rng.normal(0, 1)) * (1 - 0.6 * tone)),
        mottling=float(rng.uniform(0.08, 0.32)),
        mottle_mm=float(rng.uniform(1.0, 3.5)),
        patchiness=float(rng.uniform(0.03, 0.14) * min(1.0, 0.3 / melanin)),
        freckles=float(max(0.0, rng.normal(-0.3, 0.4)) * (1 - 0.5 * tone)),
        veins=float(max(0.0, rng.normal(-0.2, 0.4)) * (1 - 0.8 * tone)),
    )


def skin_density(skin: Complexion, rng: np.random.Generator, size: tuple[int, int], px_per_mm: float) -> Picture:
    """Optical density of bare skin, [rows, columns, RGB]."""
    width, height = size
    flush = _uneven(rng, size, skin.mottle_mm * px_per_mm)
    patches = octaves(rng, size, min(14 * px_per_mm, width / 2), max(1.2 * px_per_mm, 2.0))
    melanin = skin.melanin * (1 + np.float32(skin.patchiness) * patches)
    if skin.freckles > 0.03:
        melanin += _freckles(skin, rng, size, px_per_mm)
    blood = skin.blood * np.clip(1 + np.float32(skin.mottling) * flush, 0.1, 3)
    density = np.empty((height, width, 3), dtype=np.float32)
    for channel in range(3):
        density[..., channel] = melanin * np.float32(MELANIN[channel])
        density[..., channel] += blood * np.float32(BLOOD[channel]) + np.float32(GROUND[channel])
    if skin.veins > 0.05:
        deep = _veins(rng, size, px_per_mm) * np.float32(skin.veins)
        density += deep[..., None] * np.array([0.30, 0.16, 0.10], dtype=np.float32)
    return density


def reflectance(density: Picture) -> Picture:
    """The light that comes back, 0..1, in place of the density."""
    np.negative(density, out=density)
    return np.exp(density, out=density)


def as_array(density: Density) -> NDArray[np.float32]:
    """The three numbers for arithmetic with pictures."""
    return np.array(density, dtype=np.float32)


def _uneven(rng: np.random.Generator, size: tuple[int, int], mottle_px: float) -> Field:
    """Where the skin is flushed: coarse clouds with small pale spots between the vessels' territories."""
    clouds = octaves(rng, size, min(mottle_px * 4, size[0] / 2), max(mottle_px / 6, 1.5), 0.85)
    spots = grains(rng, size, max(mottle_px / 1.6, 1.5))
    return np.asarray(clouds - np.float32(0.9) * np.clip(spots - np.float32(0.9), 0, 1.2), dtype=np.float32)


def _freckles(skin: Complexion, rng: np.random.Generator, size: tuple[int, int], px_per_mm: float) -> Field:
    where = grains(rng, size, 6 * px_per_mm)
    dots = grains(rng, size, 0.8 * px_per_mm) + 0.5 * grains(rng, size, 0.3 * px_per_mm) + 0.5 * where
    strength = np.float32(0.45 * min(skin.freckles, 0.7))
    return np.asarray(np.clip(dots - np.float32(1.8), 0, 0.9) * strength, dtype=np.float32)


def _veins(rng: np.random.Generator, size: tuple[int, int], px_per_mm: float) -> Field:
    """Broad bluish lines that lie too deep to be sharp."""
    small = (max(2, size[0] // 4), max(2, size[1] // 4))
    lines = resized(lattice(rng, small, 4 * px_per_mm, 2.2, float(rng.uniform(0, np.pi))), size)
    return np.asarray(np.exp(-np.square(lines * np.float32(5))), dtype=np.float32)
