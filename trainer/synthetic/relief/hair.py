"""Hairs that grow from follicles along a common flow, tapering, with a shadow on the skin and a shine on top."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, lattice

_FINER = 2
_MAX_HAIRS = 600
_STEPS = 10
_COLOURS = ((0.012, 0.009, 0.007), (0.045, 0.024, 0.012), (0.17, 0.09, 0.04), (0.42, 0.30, 0.16), (0.62, 0.60, 0.57))


@dataclass(frozen=True, slots=True)
class Hairs:
    """`per_square_cm` follicles, hairs `length_mm` long and `width_mm` thick at the root, lying along `angle`."""

    per_square_cm: float
    length_mm: float
    width_mm: float
    angle: float
    disorder: float
    curl: float
    colour: tuple[float, float, float]


def any_hairs(rng: np.random.Generator, melanin: float) -> Hairs:
    """From bare to dense, vellus to terminal; skin rich in `melanin` seldom bears fair hair."""
    density = float(
        rng.choice([0.0, rng.uniform(1, 6), rng.uniform(5, 25), rng.uniform(20, 60)], p=[0.3, 0.3, 0.3, 0.1])
    )
    fairest = len(_COLOURS) if melanin < 0.35 else 2
    shade = int(rng.integers(fairest)) if rng.random() < 0.9 else len(_COLOURS) - 1
    return Hairs(
        per_square_cm=density,
        length_mm=float(rng.uniform(2, 14)),
        width_mm=float(rng.uniform(0.025, 0.09)),
        angle=float(rng.uniform(0, 2 * math.pi)),
        disorder=float(rng.uniform(0.1, 0.5)),
        curl=float(rng.uniform(0.0, 0.9) if rng.random() < 0.92 else rng.uniform(1.0, 3.0)),
        colour=_COLOURS[shade],
    )


def grow_hairs(picture: Picture, hairs: Hairs, rng: np.random.Generator, px_per_mm: float) -> None:
    """Draw the hairs into the picture (linear light) in place, fewer where they are too thin to be seen."""
    height, width = picture.shape[:2]
    area_square_cm = width * height / (10 * px_per_mm) ** 2
    count = min(round(hairs.per_square_cm * area_square_cm), _MAX_HAIRS)
    width_px = hairs.width_mm * px_per_mm
    if count == 0 or width_px < 0.12:
        return
    paths = _paths(hairs, rng, count, (width, height), px_per_mm)
    cover, shine = _drawn(paths, width_px, (width, height))
    shadow = np.roll(cover, (max(1, round(width_px)), max(1, round(width_px / 2))), axis=(0, 1))
    picture *= (1 - np.float32(0.3) * shadow)[..., None]
    share = cover[..., None] * np.float32(min(1.0, 0.35 + width_px / 2.5))
    gleam = 0.25 * float(picture.mean()) * shine[..., None]
    picture += share * (np.array(hairs.colour, dtype=np.float32) + gleam - picture)


def _paths(
    hairs: Hairs, rng: np.random.Generator, count: int, size: tuple[int, int], px_per_mm: float
) -> NDArray[np.float64]:
    """Points of each hair in finer pixels, [hair, step, xy]."""
    roots = rng.uniform(-0.05, 1.05, (count, 2)) * size
    flow = lattice(rng, (16, 16), 9.0)
    cell = np.clip(roots / size * 15, 0, 15).astype(np.int64)
    heading = hairs.angle + 0.5 * flow[cell[:, 1], cell[:, 0]] + rng.normal(0, hairs.disorder, count)
    lengths = hairs.length_mm * rng.uniform(0.35, 1.15, count) * px_per_mm / _STEPS
    bend = rng.normal(0.2, 0.5, count) * hairs.curl / _STEPS
    headings = heading[:, None] + np.cumsum(np.repeat(bend[:, None], _STEPS, axis=1), axis=1)
    moves = np.stack([np.cos(headings), np.sin(headings)], axis=2) * lengths[:, None, None]
    return np.asarray((roots[:, None, :] + np.cumsum(moves, axis=1)) * _FINER)


def _drawn(paths: NDArray[np.float64], width_px: float, size: tuple[int, int]) -> tuple[Field, Field]:
    """The share of each pixel under hair, and where hair gleams; both 0..1."""
    canvas = (size[0] * _FINER, size[1] * _FINER)
    cover, shine = Image.new("L", canvas), Image.new("L", canvas)
    root = width_px * _FINER
    pen, lit = ImageDraw.Draw(cover), ImageDraw.Draw(shine)
    strength = round(255 * min(1.0, root))
    for path in paths:
        points = [(float(x), float(y)) for x, y in path]
        for first in range(0, _STEPS - 1, 3):  # thinner and fainter towards the tip
            left = 1 - first / _STEPS
            pen.line(points[first : first + 4], fill=round(strength * left**0.5), width=max(1, round(root * left)))
        lit.line(points[2:4], fill=170, width=max(1, round(root * 0.5)))
    soft = shine.filter(ImageFilter.GaussianBlur(1)).reduce(_FINER)
    return _share(cover.reduce(_FINER)), _share(soft)


def _share(mask: Image.Image) -> Field:
    return np.asarray(mask, dtype=np.float32) / np.float32(255)
