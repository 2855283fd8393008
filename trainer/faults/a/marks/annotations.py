"""What annotation tools and thumbs leave: arrows, circles, boxes and scribbles in loud colours, stickers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
Ink = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Pen:
    """A colour and the width of its lines in pixels."""

    ink: Ink
    line_px: int


Draw = Callable[[ImageDraw.ImageDraw, Point, float, Pen, np.random.Generator], None]
"""Draws about a middle, of a reach in pixels, with a pen."""

_LOUD = (
    *((255, 0, 0), (255, 30, 30), (255, 255, 0), (0, 255, 0), (0, 90, 255), (255, 0, 255), (0, 255, 255)),
    *((255, 140, 0), (255, 255, 255), (0, 0, 0)),
)
_FINER = 2


def annotated(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """One to three figures of one colour."""
    return _drawn(photo, _FIGURES, (0.06, 0.34), max(opacity, 0.75), rng)


def stickers(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """One to three faces, hearts and stars."""
    return _drawn(photo, _STICKERS, (0.05, 0.16), 1.0, rng)


def _drawn(
    photo: Image.Image,
    figures: tuple[Draw, ...],
    reaches: tuple[float, float],
    opacity: float,
    rng: np.random.Generator,
) -> Image.Image:
    layer = Image.new("RGBA", (photo.width * _FINER, photo.height * _FINER))
    draw = ImageDraw.Draw(layer)
    side = min(layer.size)
    red, green, blue = _standing_out(photo, rng)
    line_px = max(3, round(side * float(rng.uniform(0.007, 0.025))))
    pen = Pen((red, green, blue, 255), line_px)
    for _ in range(int(rng.integers(1, 4))):
        middle = (layer.width * float(rng.uniform(0.15, 0.85)), layer.height * float(rng.uniform(0.15, 0.85)))
        figure = figures[int(rng.integers(len(figures)))]
        figure(draw, middle, side * float(rng.uniform(*reaches)), pen, rng)
    fine = layer.reduce(_FINER) if _FINER > 1 else layer
    fine.putalpha(fine.getchannel("A").point([round(value * opacity) for value in range(256)]))
    return Image.alpha_composite(photo.convert("RGBA"), fine).convert("RGB")


def _standing_out(photo: Image.Image, rng: np.random.Generator) -> tuple[int, int, int]:
    """A loud colour far from the photo's mean."""
    mean = np.asarray(photo.resize((1, 1), Image.Resampling.BOX), dtype=np.float64)[0, 0]
    loud = [ink for ink in _LOUD if float(np.linalg.norm(mean - np.array(ink))) > 130]
    return loud[int(rng.integers(len(loud)))]


def _arrow(draw: ImageDraw.ImageDraw, middle: Point, reach: float, pen: Pen, rng: np.random.Generator) -> None:
    angle = float(rng.uniform(0, 2 * math.pi))
    tip, tail = _polar(middle, reach, angle), _polar(middle, -reach, angle)
    head = max(reach * 0.35, pen.line_px * 2.5)
    draw.line((*tail, *_polar(tip, -head * 0.7, angle)), pen.ink, pen.line_px)
    draw.polygon((tip, _polar(tip, -head, angle + 0.45), _polar(tip, -head, angle - 0.45)), fill=pen.ink)


def _circle(draw: ImageDraw.ImageDraw, middle: Point, reach: float, pen: Pen, rng: np.random.Generator) -> None:
    flat = float(rng.uniform(0.6, 1))
    draw.ellipse(_box(middle, reach, reach * flat), outline=pen.ink, width=pen.line_px)


def _frame(draw: ImageDraw.ImageDraw, middle: Point, reach: float, pen: Pen, rng: np.random.Generator) -> None:
    flat = float(rng.uniform(0.5, 1))
    draw.rectangle(_box(middle, reach, reach * flat), outline=pen.ink, width=pen.line_px)


def _scribble(draw: ImageDraw.ImageDraw, middle: Point, reach: float, pen: Pen, rng: np.random.Generator) -> None:
    """A ring by hand, gone round more than once, or a zigzag."""
    turn = np.linspace(0, float(rng.uniform(6, 15)), 60)
    away = reach * (1 + 0.1 * np.sin(turn * 0.7 + float(rng.uniform(0, 6))) + 0.01 * turn)
    if rng.random() < 0.4:
        x, y = np.linspace(-reach, reach, 60), 0.4 * reach * np.sin(turn * 3)
    else:
        x, y = away * np.cos(turn), away * np.sin(turn) * 0.8
    points = [(middle[0] + float(a), middle[1] + float(b)) for a, b in zip(x, y, strict=True)]
    draw.line(points, pen.ink, pen.line_px, joint="curve")


def _cross(draw: ImageDraw.ImageDraw, middle: Point, reach: float, pen: Pen, rng: np.random.Generator) -> None:
    angle = float(rng.choice([0, math.pi / 4]))
    for turn in (angle, angle + math.pi / 2):
        draw.line((*_polar(middle, reach * 0.7, turn), *_polar(middle, -reach * 0.7, turn)), pen.ink, pen.line_px)


def _face(draw: ImageDraw.ImageDraw, middle: Point, reach: float, _pen: Pen, rng: np.random.Generator) -> None:
    dark = (70, 40, 10, 255)
    draw.ellipse(_box(middle, reach, reach), (255, 205, 60, 255), (225, 150, 20, 255), max(2, int(reach / 16)))
    for side in (-0.36, 0.36):
        draw.ellipse(_box((middle[0] + side * reach, middle[1] - 0.22 * reach), reach * 0.1, reach * 0.16), dark)
    smile, mouth = _box((middle[0], middle[1] + 0.12 * reach), reach * 0.55, reach * 0.5), int(rng.integers(3))
    if mouth == 0:
        draw.chord(smile, 5, 175, dark)
    else:
        draw.arc(smile, *((20, 160) if mouth == 1 else (200, 340)), dark, max(2, int(reach / 9)))


def _heart(draw: ImageDraw.ImageDraw, middle: Point, reach: float, _pen: Pen, _rng: np.random.Generator) -> None:
    t = np.linspace(0, 2 * np.pi, 50)
    x = np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16
    points = [(middle[0] + float(a) * reach, middle[1] + float(b) * reach) for a, b in zip(x, y, strict=True)]
    draw.polygon(points, fill=(230, 30, 60, 255))


def _star(draw: ImageDraw.ImageDraw, middle: Point, reach: float, pen: Pen, rng: np.random.Generator) -> None:
    start = float(rng.uniform(0, 1))
    points = [_polar(middle, reach * (1 if k % 2 else 0.42), start + k * math.pi / 5) for k in range(10)]
    draw.polygon(points, fill=pen.ink, outline=(30, 30, 30, 255))


def _polar(point: Point, away: float, angle: float) -> Point:
    return point[0] + away * math.cos(angle), point[1] + away * math.sin(angle)


def _box(middle: Point, wide: float, high: float) -> tuple[float, float, float, float]:
    return middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high


_FIGURES: tuple[Draw, ...] = (_arrow, _arrow, _circle, _frame, _scribble, _cross)
_STICKERS: tuple[Draw, ...] = (_face, _face, _heart, _star)
