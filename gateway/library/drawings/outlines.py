"""Outlines as nature has them: closed smooth curves around a middle, more or less regular."""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Literal

from gateway.library.drawings.svg import Point, line_through, number

Shape = Literal["round", "oval", "irregular", "geographic"]

_WAVES: Final[Mapping[Shape, Sequence[float]]] = {
    "round": (0.02, 0.015, 0.01),
    "oval": (0.02, 0.02, 0.01),
    "irregular": (0.07, 0.07, 0.05, 0.04),
    "geographic": (0.08, 0.09, 0.08, 0.06, 0.05, 0.04),
}
"""How strong the waves are that run around the outline: the first has two crests, each further one has one more."""
_STRETCH: Final[Mapping[Shape, float]] = {"round": 1.0, "oval": 1.55, "irregular": 1.2, "geographic": 1.3}


def outline(chance: Random, middle: Point, radius: float, shape: Shape, turned: float | None = None) -> str:
    """The path data of one outline of about this radius, turned by so many radians, by chance where None."""
    return smooth(corners(chance, middle, radius, shape, turned))


def corners(chance: Random, middle: Point, radius: float, shape: Shape, turned: float | None = None) -> list[Point]:
    """The points that an outline runs through."""
    angle = chance.uniform(0, math.pi) if turned is None else turned
    waves = [
        (crests, share * chance.uniform(0.6, 1.4), chance.uniform(0, 2 * math.pi))
        for crests, share in enumerate(_WAVES[shape], 2)
    ]
    count = 4 * len(waves)
    long = math.sqrt(_STRETCH[shape])
    found = []
    for index in range(count):
        around = 2 * math.pi * index / count
        reach = radius * (1 + sum(share * math.cos(crests * around + phase) for crests, share, phase in waves))
        found.append(_turned((reach * long * math.cos(around), reach / long * math.sin(around)), angle, middle))
    return found


def flake(chance: Random, middle: Point, radius: float) -> str:
    """The path data of a thin flake: a few straight edges."""
    start = chance.uniform(0, 2 * math.pi)
    points = []
    for index in range(5):
        around, reach = start + 2 * math.pi * index / 5, radius * chance.uniform(0.6, 1.2)
        points.append((middle[0] + 1.3 * reach * math.cos(around), middle[1] + 0.8 * reach * math.sin(around)))
    return line_through(points) + "Z"


def smooth(points: Sequence[Point]) -> str:
    """The path data of a closed curve through the points (Catmull and Rom 1974, as cubic Bézier curves)."""
    count = len(points)
    data = [f"M{_at(points[0])}"]
    for index in range(count):
        before, here, there, after = (points[(index + step) % count] for step in (-1, 0, 1, 2))
        leaving = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        arriving = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        data.append(f"C{_at(leaving)} {_at(arriving)} {_at(there)}")
    return "".join(data) + "Z"


def _turned(point: Point, angle: float, middle: Point) -> Point:
    x, y = point
    cosine, sine = math.cos(angle), math.sin(angle)
    return middle[0] + x * cosine - y * sine, middle[1] + x * sine + y * cosine


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
