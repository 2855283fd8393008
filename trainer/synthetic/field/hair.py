"""Hair over the skin, and what a pen left on it: thin curves, drawn finer than a pixel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.synthetic.colour import Picture

_FINER = 2  # curves are drawn at this many times the size and shrunk: smooth edges
_COLOURS = ((0.02, 0.015, 0.012), (0.06, 0.035, 0.02), (0.25, 0.17, 0.09), (0.7, 0.68, 0.64))
_INK = (0.10, 0.07, 0.32)


@dataclass(frozen=True, slots=True)
class Hair:
    """How hairy: `count` of hairs in the frame, their thickness and length, curl in radians, colour 0..3."""

    count: int
    thickness_mm: float
    length_mm: float
    curl: float
    angle: float
    colour: int


def any_hair(rng: np.random.Generator) -> Hair:
    """From none (often) to a hairy forearm."""
    count = int(rng.choice([0, 0, int(rng.integers(3, 25)), int(rng.integers(25, 160))]))
    return Hair(
        count=count,
        thickness_mm=float(rng.uniform(0.04, 0.11)),
        length_mm=float(rng.uniform(4, 18)),
        curl=float(rng.uniform(0.1, 1.6)),
        angle=float(rng.uniform(0, 2 * np.pi)),
        colour=int(rng.integers(len(_COLOURS))),
    )


def paint_hair(picture: Picture, hair: Hair, rng: np.random.Generator, px_per_mm: float) -> None:
    """Draw the hairs into the picture in place."""
    if hair.count == 0:
        return
    height, width = picture.shape[:2]
    thickness_px = hair.thickness_mm * px_per_mm * _FINER
    curves = [_curve(rng, hair, width, height, px_per_mm) for _ in range(hair.count)]
    cover = _cover(curves, (width, height), max(1, round(thickness_px)))
    _blend(picture, cover * min(1.0, thickness_px) * 0.9, _COLOURS[hair.colour])


def paint_pen_mark(picture: Picture, rng: np.random.Generator, centre: tuple[float, float], radius_px: float) -> None:
    """Draw part of a ring of surgical ink round the lesion, in place: common, and no watermark."""
    height, width = picture.shape[:2]
    turn = np.linspace(0, rng.uniform(2.5, 6.6), 48) + rng.uniform(0, 6.3)
    wobble = 1 + 0.06 * np.sin(turn * rng.integers(2, 5) + rng.uniform(0, 6))
    x = centre[0] * width + radius_px * wobble * np.cos(turn)
    y = centre[1] * height + radius_px * wobble * np.sin(turn)
    line_px = max(2, round(min(width, height) * float(rng.uniform(0.008, 0.02)) * _FINER))
    cover = _cover([np.stack([x, y], axis=1) * _FINER], (width, height), line_px)
    _blend(picture, cover * float(rng.uniform(0.4, 0.85)), _INK)


def _curve(rng: np.random.Generator, hair: Hair, width: int, height: int, px_per_mm: float) -> NDArray[np.float64]:
    steps = 14
    bend = np.linspace(0, hair.curl * float(rng.normal(0.6, 0.5)), steps)
    heading = hair.angle + float(rng.normal(0, 0.5)) + bend
    step_px = hair.length_mm * float(rng.uniform(0.5, 1.3)) * px_per_mm / steps
    start = np.array([rng.uniform(-0.1, 1.1) * width, rng.uniform(-0.1, 1.1) * height])
    moves = np.stack([np.cos(heading), np.sin(heading)], axis=1) * step_px
    return np.asarray((start + np.cumsum(moves, axis=0)) * _FINER)


def _cover(curves: list[NDArray[np.float64]], size: tuple[int, int], width_px: int) -> NDArray[np.float32]:
    mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    draw = ImageDraw.Draw(mask)
    for curve in curves:
        draw.line([(float(x), float(y)) for x, y in curve], fill=255, width=width_px, joint="curve")
    return np.asarray(mask.reduce(_FINER), dtype=np.float32) / np.float32(255)


def _blend(
    picture: Picture,
    cover: NDArray[np.float32],
    colour: tuple[float, float, float],
) -> None:
    share = cover[..., None].astype(np.float32)
    picture *= 1 - share
    picture += share * np.array(colour, dtype=np.float32)
