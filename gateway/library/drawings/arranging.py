"""Where the spots of a drawing lie: one in the middle, scattered, in a group, along a band, as the disease has it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from gateway.library.drawings.describing import Arrangement
from gateway.library.drawings.svg import Point

_TRIES: Final = 40
_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Area:
    """The part of the drawing that shows skin from above."""

    width: float
    height: float
    middle: Point


def places(chance: Random, arrangement: Arrangement, count: int, area: Area, radius: float) -> list[Point]:
    """The middles of `count` spots of about this radius."""
    return _WAYS[arrangement](chance, count, area, radius)


def _single(_chance: Random, _count: int, area: Area, _radius: float) -> list[Point]:
    return [area.middle]


def _scattered(chance: Random, count: int, area: Area, radius: float) -> list[Point]:
    def anywhere() -> Point:
        return chance.uniform(0.03, 0.84) * area.width, chance.uniform(0.08, 0.92) * area.height

    return _apart(chance, anywhere, count, 2.1 * radius)


def _grouped(chance: Random, count: int, area: Area, radius: float) -> list[Point]:
    reach = min(1.35 * radius * math.sqrt(count), 0.48 * area.height)

    def near() -> Point:
        angle, distance = chance.uniform(0, 2 * math.pi), reach * math.sqrt(chance.random())
        return area.middle[0] + 1.25 * distance * math.cos(angle), area.middle[1] + 0.85 * distance * math.sin(angle)

    return _apart(chance, near, count, 1.7 * radius)


def _band(chance: Random, count: int, area: Area, radius: float) -> list[Point]:
    """Along a broad band that slopes gently, as a nerve runs around the trunk."""

    def along() -> Point:
        share = chance.random()
        middle = area.height * (0.34 + 0.32 * share)
        return area.width * share, middle + chance.gauss(0, 0.085) * area.height

    return _apart(chance, along, count, 1.8 * radius)


def _row(chance: Random, count: int, area: Area, radius: float) -> list[Point]:
    start, step = area.middle[0] - 1.5 * radius * (count - 1), 3 * radius
    return [(start + index * step, area.middle[1] + chance.uniform(-1, 1) * radius) for index in range(count)]


def _mirror(chance: Random, count: int, area: Area, _radius: float) -> list[Point]:
    """On both cheeks of a face: few patches in their middle, many spots all over them."""
    across, down = (0.012, 0.03) if count <= _FEW else (0.05, 0.07)
    found = []
    for index in range(count):
        side = -1 if index % 2 else 1
        x = area.middle[0] + side * (0.155 + chance.gauss(0, across)) * area.width
        found.append((x, (0.56 + chance.gauss(0, down)) * area.height))
    return found


def _tree(chance: Random, count: int, area: Area, radius: float) -> list[Point]:
    """Along lines that slope away from the middle, as the branches of a fir."""

    def branch() -> Point:
        side, share, row = chance.choice((-1, 1)), chance.uniform(0.06, 0.46), chance.randrange(4)
        return area.width * (0.5 + side * share), area.height * (0.06 + 0.2 * row + 0.62 * share)

    return _apart(chance, branch, count, 2.0 * radius)


def _apart(chance: Random, propose: Callable[[], Point], count: int, distance: float) -> list[Point]:
    """Points that keep their distance; where there is no room for one, it is left out."""
    kept: list[Point] = []
    for _ in range(count):
        for _ in range(_TRIES):
            point = propose()
            if all(math.dist(point, other) >= distance * chance.uniform(0.9, 1.1) for other in kept):
                kept.append(point)
                break
    return kept


_WAYS: Final[Mapping[Arrangement, Callable[[Random, int, Area, float], list[Point]]]] = {
    "single": _single,
    "scattered": _scattered,
    "grouped": _grouped,
    "band": _band,
    "row": _row,
    "mirror": _mirror,
    "tree": _tree,
}
