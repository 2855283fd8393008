"""The cut through the skin: how far a spot stands out, and in which layer of the skin it lies."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from gateway.library.drawings.describing import Layer, Profile, Section
from gateway.library.drawings.pen import Pen
from gateway.library.drawings.svg import Point, element, number

WIDTH: Final = 300.0
HEIGHT: Final = 84.0
_TOP, _THICK, _FAT = 37.0, 9.0, 66.0
_MIDDLE, _HALF = 150.0, 58.0
_STEPS: Final = 60
_BULB: Final = "M145 35C128 60 130 76 150 76S172 60 155 35Z"
_HAIR: Final = "M150 72C150 50 152 30 166 5"

_EPIDERMIS, _DERMIS, _FAT_COLOUR, _CELL = "#c78f6c", "#f0c9b4", "#f8e6b8", "#e5cd8c"
_DEPTH: Final[Mapping[Layer, float]] = {"surface": -3.0, "epidermis": 6.0, "dermis": 20.0, "fat": 32.0}


def draw_section(pen: Pen, section: Section) -> str:
    """The cut, `WIDTH` by `HEIGHT` pixels from its own upper left corner."""
    rise = _RISES[section.profile]
    top = [(x, _TOP - rise(_share(x))) for x in _steps()]
    under = [(x, y + _THICK) for x, y in _lower(section, top)]
    parts = (
        element("path", d=_region(under, HEIGHT), fill=_DERMIS),
        _fat(pen),
        _changed(pen, section, top),
        _between(top, under, _EPIDERMIS),
        _above(pen, section, top),
        element("path", d=_line(top), fill="none", stroke="#8d5b3f", stroke_width=1.5),
    )
    return "".join(parts)


def _lower(section: Section, top: list[Point]) -> list[Point]:
    """Under a blister the skin parts: its roof is lifted, its floor stays where it was."""
    if section.profile != "blister":
        return top
    return [(x, _TOP if abs(_share(x)) < 1 else y) for x, y in top]


def _fat(pen: Pen) -> str:
    layer = element("rect", y=_FAT, width=WIDTH, height=HEIGHT - _FAT, fill=_FAT_COLOUR)
    cells = [
        element(
            "circle",
            cx=8 + 16 * index,
            cy=_FAT + 9 + pen.chance.uniform(-2, 2),
            r=7,
            fill="none",
            stroke=_CELL,
            stroke_width=1.4,
        )
        for index in range(19)
    ]
    return layer + "".join(cells)


def _changed(pen: Pen, section: Section, top: list[Point]) -> str:
    """What is changed, in the colour that it has, in its layer."""
    paint = pen.colour(section.colour)
    if section.profile == "deep":
        lump = element(
            "ellipse", cx=_MIDDLE, cy=_TOP + 22, rx=44, ry=19, fill=paint, stroke="#8d5b3f", stroke_width=1.5
        )
        return lump + element("ellipse", cx=_MIDDLE, cy=_TOP + 22, rx=44, ry=19, fill=pen.gloss(), opacity=0.6)
    if section.profile == "blister":
        return ""
    if section.profile == "follicle":
        return element("path", d=_BULB, fill=paint, stroke="#8d5b3f", stroke_width=1.2)
    return _infiltrate(pen, section, top, paint)


def _infiltrate(pen: Pen, section: Section, top: list[Point], paint: str) -> str:
    rise = _TOP - min(y for _, y in top)
    depth = _DEPTH[section.layer]
    if section.layer in ("surface", "epidermis"):
        inside = [(x, y) for x, y in top if abs(_share(x)) <= 1]
        return element("path", d=_between_data(inside, [(x, y + _THICK + depth) for x, y in inside]), fill=paint)
    reach = (depth + rise) / 2 + 6
    middle = (_MIDDLE, _TOP + depth - reach / 2 + 4)
    return element("ellipse", cx=middle[0], cy=middle[1], rx=_HALF * 0.92, ry=reach, fill=pen.fading(paint, 0.55))


def _above(pen: Pen, section: Section, top: list[Point]) -> str:
    """Scale or crust on the surface; a hair in its follicle; what fills a blister."""
    if section.profile == "blister":
        return _fluid(pen, section, top)
    if section.profile == "follicle":
        return element("path", d=_HAIR, fill="none", stroke="#3a2a22", stroke_width=2, stroke_linecap="round")
    inside = [(x, y) for x, y in top if abs(_share(x)) < 0.92]
    tint = element(
        "path",
        d=_between_data(inside, [(x, y + _THICK) for x, y in inside]),
        fill=pen.colour(section.colour),
        opacity=0.55,
    )
    if section.layer != "surface":
        return tint if section.layer == "epidermis" else ""
    drawn = [
        element(
            "path",
            d=f"M{number(x - 6)} {number(y - 1)}l10 {number(pen.chance.uniform(-4, -1))}l3 3l-11 3z",
            fill=pen.colour(section.colour),
            stroke="#8d7b6b",
            stroke_width=0.7,
        )
        for x, y in inside[1::2]
    ]
    return "".join(drawn)


def _fluid(pen: Pen, section: Section, top: list[Point]) -> str:
    """A blister within the epidermis has a thin roof and a floor of it; one below has a thick roof, and no floor."""
    roof, floor = (4.0, _TOP + 3) if section.layer == "epidermis" else (8.0, _TOP + _THICK)
    roofed = [(x, y + roof) for x, y in top if y + roof < floor and abs(_share(x)) <= 1]
    fluid = _between_data(roofed, [(x, floor) for x, _ in roofed])
    return element("path", d=fluid, fill=pen.colour(section.colour), stroke="#8d5b3f", stroke_width=0.8)


def _between(upper: list[Point], lower: list[Point], fill: str) -> str:
    return element("path", d=_between_data(upper, lower), fill=fill)


def _between_data(upper: list[Point], lower: list[Point]) -> str:
    back = "L".join(f"{number(x)} {number(y)}" for x, y in reversed(lower))
    return f"{_line(upper)}L{back}Z"


def _region(upper: list[Point], bottom: float) -> str:
    return f"{_line(upper)}L{number(WIDTH)} {number(bottom)}L0 {number(bottom)}Z"


def _line(points: list[Point]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _steps() -> list[float]:
    return [WIDTH * index / _STEPS for index in range(_STEPS + 1)]


def _share(x: float) -> float:
    """How far from the middle, as a share of half the spot's width."""
    return (x - _MIDDLE) / _HALF


def _bump(share: float, height: float, flatness: float) -> float:
    """A smooth rise: rounder with a small `flatness`, a plateau with a large one."""
    return height * math.exp(-(abs(share) ** flatness) * 1.6) if abs(share) < 1.7 else 0.0


def _spikes(share: float) -> float:
    return max(0.0, _bump(share, 20, 5) + (6 * abs(math.sin(share * 9.5)) if abs(share) < 1 else 0))


def _blister(share: float) -> float:
    return 26 * math.sqrt(max(0.0, 1 - share * share))


def _crater(share: float) -> float:
    return _bump(share, 18, 5) - _bump(share / 0.55, 27, 3)


_RISES: Final[Mapping[Profile, Callable[[float], float]]] = {
    "flat": lambda _share: 0.0,
    "plaque": lambda share: _bump(share, 8, 7),
    "dome": lambda share: _bump(share, 27, 2.4),
    "spiky": _spikes,
    "blister": _blister,
    "wheal": lambda share: _bump(share, 13, 3),
    "crater": _crater,
    "deep": lambda share: _bump(share, 13, 2),
    "sunken": lambda share: -_bump(share, 8, 5),
    "follicle": lambda share: _bump(share / 0.35, 7, 2),
}
