"""A sleeve, a trouser leg or a towel that covers part of the body."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.anatomy.lab import Lab, linear
from trainer.synthetic.anatomy.rooms import folds
from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import grains, resized

_GRID = 160


@dataclass(frozen=True, slots=True)
class Garment:
    """It begins `distance` (shares of the short side) from the subject on the side `way`, with its colour and seed."""

    way: float
    distance: float
    colour: Lab
    seed: int


def any_garment(rng: np.random.Generator, nearest: float) -> Garment:
    """A garment at least `nearest` from the subject."""
    chroma, hue = float(rng.gamma(1.3, 10)), float(rng.uniform(0, 2 * math.pi))
    colour = Lab(float(rng.uniform(8, 94)), chroma * math.cos(hue), chroma * math.sin(hue))
    return Garment(
        float(rng.uniform(0, 2 * math.pi)), nearest + float(rng.uniform(0, 0.4)), colour, int(rng.integers(2**31))
    )


def dress(picture: Picture, garment: Garment, x: float, y: float) -> None:
    """Lay the garment over the picture in place, with its hem's shadow on the skin; `x`, `y` stays bare."""
    rng = np.random.default_rng([garment.seed, 22])
    height, width = picture.shape[:2]
    short = min(width, height)
    right = (np.arange(width, dtype=np.float32) - np.float32(x * width))[None, :] / np.float32(short)
    down = (np.arange(height, dtype=np.float32) - np.float32(y * height))[:, None] / np.float32(short)
    wave = resized(grains(rng, (_GRID, _GRID), _GRID / 3), (width, height)) * np.float32(0.025)
    into = right * math.cos(garment.way) + down * math.sin(garment.way) - garment.distance + wave
    if float(into.max()) <= 0:
        return
    share = np.clip(into * np.float32(short / 2) + np.float32(0.5), 0, 1)
    picture *= (1 - np.float32(0.45) * np.exp(-np.square(np.minimum(into, 0) * 28)))[..., None]
    hem = 1 - np.float32(0.3) * np.exp(-np.square((into - np.float32(0.05)) * 90))
    shade = resized(folds(rng, (_GRID, _GRID)), (width, height)) * hem
    picture += share[..., None] * (shade[..., None] * linear(garment.colour) - picture)
