"""Lesions of varied colour, border and surface, painted over skin as what they let through and add."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, lattice, octaves


@dataclass(frozen=True, slots=True)
class Pigment:
    """How a kind of lesion colours the skin: share of light let through (RGB) from inner to outer part."""

    inner: tuple[float, float, float]
    outer: tuple[float, float, float]
    roughness: float
    irregularity: float
    scale: float


PIGMENTS: tuple[Pigment, ...] = (
    Pigment((0.42, 0.28, 0.22), (0.62, 0.45, 0.36), 0.15, 0.08, 0.0),  # brown, even
    Pigment((0.16, 0.13, 0.13), (0.40, 0.27, 0.22), 0.30, 0.30, 0.0),  # nearly black, ragged
    Pigment((0.20, 0.22, 0.26), (0.36, 0.32, 0.32), 0.20, 0.15, 0.0),  # blue-grey
    Pigment((0.95, 0.52, 0.50), (0.98, 0.70, 0.68), 0.20, 0.15, 0.1),  # pink
    Pigment((0.80, 0.30, 0.28), (0.92, 0.55, 0.52), 0.35, 0.22, 0.3),  # red, some scale
    Pigment((0.55, 0.40, 0.30), (0.66, 0.50, 0.40), 0.80, 0.18, 0.1),  # brown, warty
    Pigment((0.90, 0.62, 0.55), (0.95, 0.74, 0.68), 0.50, 0.30, 0.9),  # red under white scale
    Pigment((0.35, 0.16, 0.12), (0.85, 0.45, 0.42), 0.60, 0.35, 0.3),  # crust in a red ring
    Pigment((0.78, 0.66, 0.56), (0.86, 0.76, 0.68), 0.15, 0.12, 0.0),  # faint
)


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion: centre as share of the frame, diameter in millimetres, its kind and strength of 0..1."""

    x: float
    y: float
    diameter_mm: float
    elongation: float
    angle: float
    pigment: Pigment
    strength: float
    border_softness: float
    seed: int


def any_lesion(rng: np.random.Generator, x: float, y: float, diameter_mm: float) -> Lesion:
    """A lesion of any kind at the place and of the size given."""
    return Lesion(
        x=x,
        y=y,
        diameter_mm=diameter_mm,
        elongation=float(rng.uniform(1.0, 1.7)),
        angle=float(rng.uniform(0, np.pi)),
        pigment=PIGMENTS[int(rng.integers(len(PIGMENTS)))],
        strength=float(rng.uniform(0.65, 1.0)),
        border_softness=float(rng.uniform(0.06, 0.35)),
        seed=int(rng.integers(2**31)),
    )


def paint_lesion(picture: Picture, lesion: Lesion, px_per_mm: float) -> None:
    """Paint `lesion` into the picture in place; parts beyond the frame are left out."""
    height, width = picture.shape[:2]
    radius_px = max(lesion.diameter_mm * px_per_mm / 2, 0.8)
    reach = int(radius_px * 2.2) + 2
    left, top = int(lesion.x * width) - reach, int(lesion.y * height) - reach
    rows = slice(max(top, 0), min(top + 2 * reach, height))
    columns = slice(max(left, 0), min(left + 2 * reach, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    whole = _patch(lesion, radius_px, 2 * reach)
    patch = tuple(
        layer[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] for layer in whole
    )
    region = picture[rows, columns]
    region *= patch[0]
    region += patch[1] * float(region.mean())


def _patch(lesion: Lesion, radius_px: float, side: int) -> tuple[Picture, Picture]:
    """Light let through and light added relative to the surroundings, both [side, side, 3 or 1]."""
    rng = np.random.default_rng(lesion.seed)
    size = (side, side)
    distance = _distance(lesion, rng, radius_px, size)
    edge = max(lesion.border_softness, 1.2 / radius_px)
    cover = _smoothstep((1 - distance) / edge + 0.5)[..., None] * np.float32(lesion.strength)
    mottle = octaves(rng, size, radius_px * 0.8, max(radius_px / 14, 1.5))
    inside = np.clip(1 - distance + 0.35 * mottle, 0, 1)[..., None]
    pigment = lesion.pigment
    colour = inside * np.array(pigment.inner, np.float32) + (1 - inside) * np.array(pigment.outer, np.float32)
    bumps = octaves(rng, size, radius_px * 0.35, max(radius_px / 24, 1.2))
    colour *= (1 + np.float32(0.22 * pigment.roughness) * bumps)[..., None]
    flakes = np.clip(lattice(rng, size, max(radius_px * 0.16, 1.3)) - 0.6 + 0.4 * bumps, 0, 1)
    added = cover * (np.float32(pigment.scale) * 0.7 * flakes)[..., None]
    return (1 - cover * (1 - np.clip(colour, 0.02, 1.4))).astype(np.float32), added.astype(np.float32)


def _distance(lesion: Lesion, rng: np.random.Generator, radius_px: float, size: tuple[int, int]) -> Field:
    """Distance from the centre in radii of the (ragged) border: 1 on the border."""
    axis = np.arange(size[0], dtype=np.float32) - size[0] / 2
    x, y = axis[None, :], axis[:, None]
    cosine, sine = np.cos(lesion.angle), np.sin(lesion.angle)
    stretch = np.sqrt(lesion.elongation)
    along = (x * cosine + y * sine) / (radius_px * stretch)
    across = (y * cosine - x * sine) * stretch / radius_px
    ragged = octaves(rng, size, radius_px * 0.9, max(radius_px / 10, 1.5))
    base: NDArray[np.float32] = np.sqrt(along * along + across * across).astype(np.float32)
    return base * (1 + np.float32(lesion.pigment.irregularity) * 0.5 * ragged)


def _smoothstep(value: Field) -> Field:
    clipped = np.clip(value, 0, 1)
    return (clipped * clipped * (3 - 2 * clipped)).astype(np.float32)
