"""The body's skin in light: its colour with flush, tan and spots, and its lines."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.anatomy.lab import Lab, linear
from trainer.synthetic.anatomy.weave import Weave, any_weave, woven
from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, grains, octaves


@dataclass(frozen=True, slots=True)
class Cover:
    """How even the skin is: flush and tan as steps in a* and lightness, spots a square decimetre, dryness, lines."""

    flush: float
    tan: float
    spots: float
    dry: float
    weave: Weave


def any_cover(rng: np.random.Generator) -> Cover:
    """From a child's skin to an old gardener's."""
    return Cover(
        flush=float(rng.uniform(0.6, 3.2)),
        tan=float(rng.uniform(0.5, 3.0)),
        spots=float(max(0.0, rng.normal(0, 12))),
        dry=float(max(0.0, rng.normal(-0.3, 0.6))),
        weave=any_weave(rng),
    )


def skinned(
    skin: Lab,
    cover: Cover,
    rng: np.random.Generator,
    size: tuple[int, int],
    *,
    px_per_mm: float,
    light: float,
) -> Picture:
    """Reflectance of the whole frame as if it were all skin, linear RGB."""
    ground = linear(skin)
    redder = linear(skin.moved(-0.35 * cover.flush, cover.flush, 0)) - ground
    browner = linear(skin.moved(-cover.tan, 0.2 * cover.tan, 0.3 * cover.tan)) - ground
    red = octaves(rng, size, min(25 * px_per_mm, size[0]), max(0.6 * px_per_mm, 2.0), 0.8)
    brown = octaves(rng, size, min(70 * px_per_mm, size[0]), max(4 * px_per_mm, 2.0), 0.6)
    np.clip(red, -1.3, 2.6, out=red)
    np.clip(brown, -1.5, 2.5, out=brown)
    lines = woven(cover.weave, rng, size, px_per_mm, light) * np.float32(cover.weave.relief)
    lines *= np.clip(1 + np.float32(0.35) * brown, 0.3, 2)
    if cover.dry > 0.05:
        lines += np.float32(0.12 * cover.dry) * np.clip(grains(rng, size, max(0.5 * px_per_mm, 1.3)) - 1, 0, 2)
    lines += 1
    picture = np.empty((size[1], size[0], 3), dtype=np.float32)
    for channel in range(3):
        picture[..., channel] = (ground[channel] + red * redder[channel] + brown * browner[channel]) * lines
    _speckle(picture, skin, cover, rng, px_per_mm)
    return np.maximum(picture, np.float32(0.002), out=picture)


def _speckle(picture: Picture, skin: Lab, cover: Cover, rng: np.random.Generator, px_per_mm: float) -> None:
    """Small brown and red spots, soft discs, in place."""
    height, width = picture.shape[:2]
    area = width * height / (100 * px_per_mm) ** 2
    count = min(int(rng.poisson(max(cover.spots, 0.01) * max(area, 0.02))), 150)
    for _ in range(count):
        radius = float(rng.uniform(0.3, 1.4)) * px_per_mm
        if radius < 0.5:
            continue
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        step = (-9.0, 3.0, 5.0) if rng.random() < 0.8 else (-8.0, 18.0, 2.0)
        ratio = linear(skin.moved(*step)) / linear(skin)
        _disc(picture, (x, y), radius, ratio)


def _disc(picture: Picture, at: tuple[float, float], radius: float, ratio: Field) -> None:
    reach = math.ceil(radius * 2.2)
    top, left = max(int(at[1]) - reach, 0), max(int(at[0]) - reach, 0)
    region = picture[top : int(at[1]) + reach, left : int(at[0]) + reach]
    y = (np.arange(region.shape[0], dtype=np.float32) + top - at[1])[:, None] / np.float32(radius)
    x = (np.arange(region.shape[1], dtype=np.float32) + left - at[0])[None, :] / np.float32(radius)
    share = 1 / (1 + np.square(x * x + y * y) * 1.2)
    share = np.clip(share * 1.2 - 0.1, 0, 1)
    region *= 1 + share[..., None].astype(np.float32) * (ratio - 1)
