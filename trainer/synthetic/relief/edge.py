"""The side of the limb and the room behind it: the skin turns away, what is behind is out of focus."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, grains, octaves, resized

_COARSE = 96


@dataclass(frozen=True, slots=True)
class Edge:
    """A contour on the side `angle`, so far (shares of the short side) from the lesion."""

    angle: float
    distance: float
    waviness: float
    turn: float
    both_sides: bool
    seed: int


def any_edge(rng: np.random.Generator, nearest: float) -> Edge:
    """A contour at least `nearest` away from the lesion."""
    return Edge(
        angle=float(rng.uniform(0, 2 * math.pi)),
        distance=nearest + float(rng.uniform(0.0, 0.25)),
        waviness=float(rng.uniform(0.0, 0.08)),
        turn=float(rng.uniform(0.1, 0.35)),
        both_sides=bool(rng.random() < 0.3),
        seed=int(rng.integers(2**31)),
    )


def before_a_room(picture: Picture, edge: Edge, x: float, y: float) -> None:
    """Darken the skin towards the contour and put a room behind it, in place; `x`, `y` (shares) stays skin."""
    rng = np.random.default_rng([edge.seed, 6])
    height, width = picture.shape[:2]
    inside = _inside(edge, rng, (width, height), (x, y))
    rounded = np.sqrt(np.clip(inside / np.float32(edge.turn), 0.02, 1))
    softness = np.float32(min(width, height) * float(rng.uniform(0.15, 0.5)))
    share = np.clip(inside * softness + np.float32(0.5), 0, 1)
    skin = share * (np.float32(0.35) + np.float32(0.65) * rounded)
    picture *= skin[..., None]
    picture += (1 - share)[..., None] * _room(rng, (width, height), float(picture.mean()))


def _inside(edge: Edge, rng: np.random.Generator, size: tuple[int, int], keep: tuple[float, float]) -> Field:
    """How far each pixel is inside the contour, in shares of the short side."""
    short = min(size)
    x = (np.arange(size[0], dtype=np.float32) - np.float32(keep[0] * size[0]))[None, :] / np.float32(short)
    y = (np.arange(size[1], dtype=np.float32) - np.float32(keep[1] * size[1]))[:, None] / np.float32(short)
    out = math.cos(edge.angle) * x + math.sin(edge.angle) * y
    along = math.cos(edge.angle) * y - math.sin(edge.angle) * x
    wave = resized(grains(rng, (_COARSE, _COARSE), 40.0), size) * np.float32(edge.waviness)
    taper = np.float32(rng.normal(0, 0.12)) * along
    inside = np.float32(edge.distance) - out + wave + taper
    if edge.both_sides:
        inside = np.minimum(inside, np.float32(edge.distance * float(rng.uniform(0.9, 1.4))) + out - wave + taper)
    return np.asarray(inside, dtype=np.float32)


def _room(rng: np.random.Generator, size: tuple[int, int], level: float) -> Picture:
    """Blurred planes of colour with soft borders: a wall, a sheet, clothes, a floor."""
    coarse = (_COARSE, _COARSE)
    planes = int(rng.integers(1, 5))
    view = np.empty((_COARSE, _COARSE, 3), dtype=np.float32)
    view[...] = _paint(rng, level)
    axis = np.linspace(-1, 1, _COARSE, dtype=np.float32)
    for _ in range(planes):
        way, off = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(-0.8, 0.8))
        across = math.cos(way) * axis[None, :] + math.sin(way) * axis[:, None] - off
        share = np.clip(across * np.float32(rng.uniform(3, 40)) + np.float32(0.5), 0, 1)[..., None]
        view += share * (_paint(rng, level) - view)
    view *= np.clip(1 + np.float32(0.22) * octaves(rng, coarse, 50, 6), 0.2, 2)[..., None]
    return np.stack([resized(np.ascontiguousarray(view[..., channel]), size) for channel in range(3)], axis=2)


def _paint(rng: np.random.Generator, level: float) -> Picture:
    grey = level * float(np.exp(rng.normal(-0.2, 0.9)))
    tint = 1 + float(rng.choice([0.1, 0.5])) * rng.uniform(-1, 1, 3)
    return np.asarray(grey * np.clip(tint, 0.1, 2), dtype=np.float32)
