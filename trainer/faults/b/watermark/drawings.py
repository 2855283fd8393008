"""Drawn over a photo to point at something: marked-up corners, dashed rings, measures, callouts, felt pens."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.b.watermark.laying import Ink, lay
from trainer.faults.b.watermark.lettering import words, written

Point = tuple[float, float]
Figure = Callable[[ImageDraw.ImageDraw, Point, float, int, np.random.Generator], None]
"""Draws into a mask about a middle, of a reach in pixels, with lines so many pixels wide."""

_VIVID = (
    *((230, 0, 20), (255, 220, 0), (0, 200, 60), (0, 120, 255), (255, 0, 160), (255, 110, 0), (0, 220, 230)),
    *((250, 250, 250), (10, 10, 10)),
)
_FINER = 2


def pointed_at(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """One or two figures of one colour, now and then with a word beside them."""
    whole = Image.new("L", (photo.width * _FINER, photo.height * _FINER))
    draw = ImageDraw.Draw(whole)
    side = min(whole.size)
    line_px = max(3, round(side * float(rng.uniform(0.006, 0.022))))
    for _ in range(int(rng.integers(1, 3))):
        middle = (whole.width * float(rng.uniform(0.2, 0.8)), whole.height * float(rng.uniform(0.2, 0.8)))
        figure = FIGURES[int(rng.integers(len(FIGURES)))]
        figure(draw, middle, side * float(rng.uniform(0.1, 0.36)), line_px, rng)
    ink = Ink(_VIVID[int(rng.integers(len(_VIVID)))], max(opacity, 0.8), shadow=bool(rng.random() < 0.2))
    view = lay(photo, whole.reduce(_FINER), (0, 0), ink)
    if rng.random() < 0.35:
        word = written(words(rng, 1), max(round(min(photo.size) * float(rng.uniform(0.035, 0.08))), 8), rng)
        word.thumbnail((max(photo.width // 2, 1), max(photo.height // 4, 1)))
        place = (int(rng.integers(photo.width - word.width + 1)), int(rng.integers(photo.height - word.height + 1)))
        view = lay(view, word, place, ink)
    return view


def _corners(draw: ImageDraw.ImageDraw, middle: Point, reach: float, line_px: int, rng: np.random.Generator) -> None:
    """The four corners of a frame, as a detector or a viewfinder marks them."""
    arm, flat = reach * float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.6, 1))
    for x_side in (-1, 1):
        for y_side in (-1, 1):
            x, y = middle[0] + x_side * reach, middle[1] + y_side * reach * flat
            draw.line((x - x_side * arm, y, x, y, x, y - y_side * arm), 255, line_px)


def _dashed(draw: ImageDraw.ImageDraw, middle: Point, reach: float, line_px: int, rng: np.random.Generator) -> None:
    """A ring or an oval of dashes, or unbroken."""
    flat = float(rng.uniform(0.5, 1))
    box = (middle[0] - reach, middle[1] - reach * flat, middle[0] + reach, middle[1] + reach * flat)
    step = float(rng.choice([12, 20, 30, 360]))
    for start in np.arange(0, 360, step):
        draw.arc(box, float(start), float(start) + step * (0.6 if step < 360 else 1), 255, line_px)


def _measure(draw: ImageDraw.ImageDraw, middle: Point, reach: float, line_px: int, rng: np.random.Generator) -> None:
    """A line between two end strokes, ticked sometimes."""
    angle = float(rng.uniform(0, math.pi))
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    marks = int(rng.choice([2, 2, 6, 11]))
    for k, t in enumerate(np.linspace(-reach, reach, marks)):
        arm = reach * (0.16 if k in (0, marks - 1) else 0.08)
        x, y = middle[0] + float(t) * along[0], middle[1] + float(t) * along[1]
        draw.line((x - arm * across[0], y - arm * across[1], x + arm * across[0], y + arm * across[1]), 255, line_px)
    draw.line((*_off(middle, along, -reach), *_off(middle, along, reach)), 255, line_px)


def _bent_arrow(draw: ImageDraw.ImageDraw, middle: Point, reach: float, line_px: int, rng: np.random.Generator) -> None:
    """A curved shaft and an open head."""
    angle, bend = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(-0.6, 0.6))
    t = np.linspace(-1, 1, 24)
    aside = bend * (1 - t * t)
    x = middle[0] + reach * (t * math.cos(angle) - aside * math.sin(angle))
    y = middle[1] + reach * (t * math.sin(angle) + aside * math.cos(angle))
    draw.line([(float(a), float(b)) for a, b in zip(x, y, strict=True)], 255, line_px, joint="curve")
    heading = math.atan2(float(y[-1] - y[-3]), float(x[-1] - x[-3]))
    tip = (float(x[-1]), float(y[-1]))
    head = max(0.3 * reach, 3.0 * line_px)
    ends = [_off(tip, (math.cos(heading + turn), math.sin(heading + turn)), -head) for turn in (0.5, -0.5)]
    draw.line((*ends[0], *tip, *ends[1]), 255, line_px)


def _felt_pen(draw: ImageDraw.ImageDraw, middle: Point, reach: float, line_px: int, rng: np.random.Generator) -> None:
    """A thumb's closed loop, or a few strokes to and fro."""
    steps = np.linspace(0, 1, 40)
    wander = np.interp(steps, np.linspace(0, 1, 8), rng.normal(0, 0.12, 8))
    if rng.random() < 0.6:
        turn = steps * float(rng.uniform(6, 7.5)) + float(rng.uniform(0, 6))
        x, y = np.cos(turn) * (1 + wander), np.sin(turn) * (0.8 + wander)
    else:
        x, y = 1.6 * np.abs((steps * 5) % 2 - 1) - 0.8 + wander, 1.4 * steps - 0.7
    points = [(middle[0] + reach * float(a), middle[1] + reach * float(b)) for a, b in zip(x, y, strict=True)]
    draw.line(points, 255, line_px * 3 // 2, joint="curve")


def _sheet(draw: ImageDraw.ImageDraw, middle: Point, reach: float, line_px: int, rng: np.random.Generator) -> None:
    """A box, with a filled tab as a detector's label has."""
    left, top = middle[0] - reach, middle[1] - reach * float(rng.uniform(0.5, 1))
    draw.rectangle((left, top, middle[0] + reach, 2 * middle[1] - top), outline=255, width=line_px)
    if rng.random() < 0.5:
        draw.rectangle((left, top - 0.18 * reach, left + 0.8 * reach, top), 255)


def _off(point: Point, way: Point, away: float) -> Point:
    return point[0] + away * way[0], point[1] + away * way[1]


FIGURES: tuple[Figure, ...] = (_corners, _dashed, _dashed, _measure, _bent_arrow, _bent_arrow, _felt_pen, _sheet)
