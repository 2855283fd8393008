"""Drawn with a finger or a program: arrows, rings, scribbles, stickers."""

import math

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.c.marks.letters import Line, inked
from trainer.faults.c.marks.overlay import Colour, laid

_LOUD: tuple[Colour, ...] = ((255, 0, 0), (0, 220, 60), (255, 235, 0), (0, 110, 255), (255, 0, 200), (0, 240, 240))


def annotated(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """Rings, arrows or scribbles in a loud colour, one to four of them."""
    lines: list[Line] = []
    for _ in range(int(rng.integers(1, 5))):
        draw = (_ring, _arrow, _scribble)[int(rng.integers(3))]
        lines += draw(photo.size, rng)
    pen = max(min(photo.size) * float(rng.uniform(0.007, 0.02)), 1.5)
    return laid(photo, inked(lines, photo.size, pen), _LOUD[int(rng.integers(len(_LOUD)))], max(opacity, 0.55))


def sticker(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """One to three faces, hearts, stars or ticks."""
    view = photo
    for _ in range(int(rng.integers(1, 4))):
        reach = min(photo.size) * float(rng.uniform(0.05, 0.14))
        x, y = float(rng.uniform(0.12, 0.88)) * photo.width, float(rng.uniform(0.12, 0.88)) * photo.height
        body, details = Image.new("L", photo.size), Image.new("L", photo.size)
        kind = int(rng.integers(4))
        (_face, _heart, _star, _tick)[kind](ImageDraw.Draw(body), ImageDraw.Draw(details), x, y, reach)
        colour = ((255, 205, 40), (235, 30, 60), (255, 215, 0), (40, 180, 70))[kind]
        view = laid(laid(view, body, colour, max(opacity, 0.6)), details, (60, 40, 20), max(opacity, 0.6))
    return view


def _ring(size: tuple[int, int], rng: np.random.Generator) -> list[Line]:
    """An ellipse by hand: it does not quite meet its beginning."""
    turn = np.linspace(0, math.tau * float(rng.uniform(0.92, 1.1)), 48) + float(rng.uniform(0, math.tau))
    radius = min(size) * float(rng.uniform(0.1, 0.32)) * (1 + 0.03 * np.cumsum(rng.normal(0, 0.3, 48)))
    x = size[0] * float(rng.uniform(0.35, 0.65)) + radius * np.cos(turn)
    y = size[1] * float(rng.uniform(0.35, 0.65)) + radius * np.sin(turn) * float(rng.uniform(0.7, 1.1))
    return [list(zip(x.tolist(), y.tolist(), strict=True))]


def _arrow(size: tuple[int, int], rng: np.random.Generator) -> list[Line]:
    angle, long_px = float(rng.uniform(0, math.tau)), min(size) * float(rng.uniform(0.15, 0.4))
    tip = (size[0] * float(rng.uniform(0.3, 0.7)), size[1] * float(rng.uniform(0.3, 0.7)))

    def back(turn: float, length: float) -> tuple[float, float]:
        return tip[0] + math.cos(angle + turn) * length, tip[1] + math.sin(angle + turn) * length

    return [[back(0, long_px), tip], [back(0.5, long_px * 0.3), tip, back(-0.5, long_px * 0.3)]]


def _scribble(size: tuple[int, int], rng: np.random.Generator) -> list[Line]:
    """A line that wanders, as handwriting does."""
    steps = int(rng.integers(20, 50))
    run = np.linspace(0, float(rng.uniform(0.25, 0.6)) * size[0], steps)
    swing = min(size) * float(rng.uniform(0.02, 0.06))
    x = size[0] * float(rng.uniform(0.05, 0.4)) + run + swing * 0.6 * np.sin(np.arange(steps) * 1.1)
    y = size[1] * float(rng.uniform(0.1, 0.9)) + swing * np.cos(np.arange(steps) * float(rng.uniform(0.8, 1.4)))
    return [list(zip(x.tolist(), (y + rng.normal(0, swing / 4, steps)).tolist(), strict=True))]


def _face(body: ImageDraw.ImageDraw, details: ImageDraw.ImageDraw, x: float, y: float, reach: float) -> None:
    body.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    for side in (-0.35, 0.35):
        eye = (x + (side - 0.12) * reach, y - 0.4 * reach, x + (side + 0.12) * reach, y - 0.1 * reach)
        details.ellipse(eye, fill=255)
    mouth = (x - 0.55 * reach, y - 0.3 * reach, x + 0.55 * reach, y + 0.6 * reach)
    details.arc(mouth, 20, 160, fill=255, width=max(1, round(reach / 9)))


def _heart(body: ImageDraw.ImageDraw, details: ImageDraw.ImageDraw, x: float, y: float, reach: float) -> None:
    turn = np.linspace(0, math.tau, 60)
    across = np.sin(turn) ** 3
    down = -(13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)) / 16
    body.polygon(list(zip((x + reach * across).tolist(), (y + reach * down).tolist(), strict=True)), fill=255)
    details.arc((x - 0.7 * reach, y - 0.7 * reach, x, y), 180, 260, fill=255, width=max(1, round(reach / 14)))


def _star(body: ImageDraw.ImageDraw, details: ImageDraw.ImageDraw, x: float, y: float, reach: float) -> None:
    points = [
        (x + reach * share * math.sin(turn * math.pi / 5), y - reach * share * math.cos(turn * math.pi / 5))
        for turn in range(10)
        for share in (1.0 if turn % 2 == 0 else 0.42,)
    ]
    body.polygon(points, fill=255)
    details.line([*points, points[0]], fill=255, width=max(1, round(reach / 16)))


def _tick(body: ImageDraw.ImageDraw, details: ImageDraw.ImageDraw, x: float, y: float, reach: float) -> None:
    body.rounded_rectangle((x - reach, y - reach, x + reach, y + reach), reach * 0.25, fill=255)
    corners = [(x - 0.5 * reach, y), (x - 0.1 * reach, y + 0.45 * reach), (x + 0.55 * reach, y - 0.5 * reach)]
    details.line(corners, fill=255, width=max(2, round(reach / 5)), joint="curve")
