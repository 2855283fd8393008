"""What is seen on a spot or around it: scale, crusts, vessels, pits, nets of lines, hairs."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from gateway.library.drawings.describing import Detail
from gateway.library.drawings.outlines import flake, outline
from gateway.library.drawings.pen import Pen
from gateway.library.drawings.spot import Spot
from gateway.library.drawings.svg import Point, element, line_through


def details(pen: Pen, spot: Spot) -> str:
    """All details of a spot; those that lie on it end where it does."""
    on_it = [_ON_IT[detail](pen, spot) for detail in spot.mark.details if detail in _ON_IT]
    beside = [_BESIDE[detail](pen, spot) for detail in spot.mark.details if detail in _BESIDE]
    clipped = [element("g", *on_it, clip_path=pen.clip(spot.path))] if on_it else []
    return "".join([*clipped, *beside])


def _count(spot: Spot, share: float, *, most: int = 60) -> int:
    """More on a larger spot."""
    return max(4, min(most, round(share * spot.radius)))


def _scale(pen: Pen, spot: Spot) -> str:
    """Fine flakes, each a little lifted at its edge."""
    large = max(1.8, min(4.6, 0.12 * spot.radius))
    flakes = [
        flake(pen.chance, spot.inside(pen.chance, 0.97), pen.chance.uniform(0.5, 1) * large)
        for _ in range(_count(spot, 1.1, most=80))
    ]
    return element(
        "path",
        d="".join(flakes),
        fill=pen.colour("silver"),
        fill_opacity=0.85,
        stroke="#000",
        stroke_opacity=0.22,
        stroke_width=0.6,
    )


def _crust(pen: Pen, spot: Spot) -> str:
    """Dried honey-coloured clots."""
    large = min(8.0, 0.26 * spot.radius)
    clots = [
        outline(pen.chance, spot.inside(pen.chance, 0.85), pen.chance.uniform(0.5, 1) * large, "irregular")
        for _ in range(_count(spot, 0.3, most=22))
    ]
    body = element(
        "path", d="".join(clots), fill=pen.colour("amber"), stroke="#4d2c08", stroke_opacity=0.45, stroke_width=0.8
    )
    return body + element("path", d="".join(clots), fill="#fff", fill_opacity=0.18, transform="translate(-0.8 -1)")


def _cracks(pen: Pen, spot: Spot) -> str:
    drawn = [
        _winding(pen, spot.inside(pen.chance, 0.6), 0.9 * spot.radius, 0.3) for _ in range(_count(spot, 0.15, most=9))
    ]
    return element("path", d="".join(drawn), fill="none", stroke="#000", stroke_opacity=0.35, stroke_width=1.3)


def _pearly(pen: Pen, spot: Spot) -> str:
    drawn = []
    for step in range(9):
        x, y = _around(spot, 2 * math.pi * step / 9, 0.8)
        drawn.append(element("circle", cx=x, cy=y, r=0.17 * spot.radius, fill=pen.gloss()))
        drawn.append(element("circle", cx=x - 1.5, cy=y - 2, r=0.05 * spot.radius, fill="#fff", opacity=0.85))
    return "".join(drawn)


def _vessels(pen: Pen, spot: Spot) -> str:
    drawn = []
    for _ in range(_count(spot, 0.18, most=8)):
        start = _around(spot, pen.chance.uniform(0, 2 * math.pi), 0.9)
        drawn.append(_winding(pen, start, 0.9 * spot.radius, 0.25, towards=spot.middle))
    return element(
        "path", d="".join(drawn), fill="none", stroke=pen.colour("crimson"), stroke_width=1.1, stroke_opacity=0.8
    )


def _plug(pen: Pen, spot: Spot) -> str:
    core = outline(pen.chance, spot.middle, 0.42 * spot.radius, "irregular")
    layers = element("path", d=core, fill=pen.colour("amber")) + element("path", d=core, fill=pen.hollow())
    return layers + _speckled(pen, spot, pen.colour("dark_brown"), 8, reach=0.3, size=0.045)


def _dots(pen: Pen, spot: Spot) -> str:
    return _speckled(pen, spot, pen.colour("black"), _count(spot, 0.4, most=22), reach=0.85, size=0.05)


def _lines(pen: Pen, spot: Spot) -> str:
    """A lacy net of fine white lines (Wickham 1895)."""
    return _net(pen, spot, "#fff8ee", 1.1, 0.85)


def _network(pen: Pen, spot: Spot) -> str:
    return _net(pen, spot, pen.colour("dark_brown"), 0.9, 0.45)


def _net(pen: Pen, spot: Spot, paint: str, width: float, opacity: float) -> str:
    (x, y), reach, step = spot.middle, 1.4 * spot.radius, max(5.0, 0.24 * spot.radius)
    drawn = []
    for index in range(-int(reach / step), int(reach / step) + 1):
        away = index * step
        drawn.append(_winding(pen, (x - reach, y + away), 2 * reach, 0.12, towards=(x, y + away)))
        drawn.append(_winding(pen, (x + away, y - reach), 2 * reach, 0.12, towards=(x + away, y)))
    return element("path", d="".join(drawn), fill="none", stroke=paint, stroke_width=width, stroke_opacity=opacity)


def _dip(pen: Pen, spot: Spot) -> str:
    x, y = spot.middle
    pit = element("circle", cx=x, cy=y, r=0.3 * spot.radius, fill=pen.shade, opacity=0.75)
    return pit + element("circle", cx=x, cy=y, r=0.3 * spot.radius, fill=pen.hollow())


def _sore(pen: Pen, spot: Spot) -> str:
    raw = outline(pen.chance, spot.middle, 0.46 * spot.radius, "irregular")
    floor = element("path", d=raw, fill=pen.colour("crimson")) + element("path", d=raw, fill=pen.hollow())
    scab = outline(pen.chance, spot.inside(pen.chance, 0.2), 0.22 * spot.radius, "irregular")
    return floor + element("path", d=scab, fill=pen.colour("dark_brown"), opacity=0.85)


def _pus(pen: Pen, spot: Spot) -> str:
    x, y = spot.middle
    head = element("circle", cx=x, cy=y, r=0.48 * spot.radius, fill=pen.colour("yellow"))
    return head + element("circle", cx=x, cy=y, r=0.48 * spot.radius, fill=pen.gloss())


def _opening(pen: Pen, spot: Spot) -> str:
    x, y = spot.middle
    return element("circle", cx=x, cy=y, r=max(1.5, 0.3 * spot.radius), fill=pen.colour("black"))


def _rough(pen: Pen, spot: Spot) -> str:
    """A surface of many little knobs."""
    drawn = []
    knob = max(2.0, 0.15 * spot.radius)
    for _ in range(_count(spot, 1.1, most=70)):
        x, y = spot.inside(pen.chance, 0.95)
        drawn.append(element("circle", cx=x, cy=y, r=knob, fill=pen.colour(spot.mark.colours[0])))
        drawn.append(element("circle", cx=x, cy=y, r=knob, fill=pen.gloss()))
    return "".join(drawn)


def _clearing(pen: Pen, spot: Spot) -> str:
    inner = outline(pen.chance, spot.middle, 0.86 * spot.radius, spot.mark.shape)
    return element("path", d=inner, fill=pen.fading(pen.skin, 0.5))


def _weeping(pen: Pen, spot: Spot) -> str:
    drawn = []
    for _ in range(_count(spot, 0.3, most=14)):
        x, y = spot.inside(pen.chance, 0.85)
        size = pen.chance.uniform(1.8, 3.6)
        drawn.append(element("circle", cx=x, cy=y, r=size, fill=pen.colour("yellow"), opacity=0.55))
        drawn.append(element("circle", cx=x - 0.4 * size, cy=y - 0.4 * size, r=0.3 * size, fill="#fff", opacity=0.9))
    return "".join(drawn)


def _hairs(pen: Pen, spot: Spot) -> str:
    """Short hairs that stand out of the spot."""
    drawn = []
    for _ in range(1 if spot.radius < 14 else _count(spot, 0.14, most=12)):
        x, y = spot.inside(pen.chance, 0.15 if spot.radius < 14 else 0.9)
        drawn.append(line_through([(x, y), (x + 3, y - 5), (x + 8, y - 9)]))
    return element(
        "path", d="".join(drawn), fill="none", stroke=pen.colour("black"), stroke_width=1.2, stroke_opacity=0.8
    )


def _tail(pen: Pen, spot: Spot) -> str:
    """A burrow: a thin winding line that ends in the spot."""
    x, y = spot.middle
    angle = pen.chance.uniform(-0.7, 0.7)
    length = 9 * spot.radius
    towards = (x + length * math.cos(angle), y + length * math.sin(angle))
    burrow = _winding(pen, spot.middle, length, 0.22, towards=towards)
    light = element(
        "path", d=burrow, fill="none", stroke=pen.colour("pale"), stroke_width=0.9 * spot.radius, stroke_opacity=0.7
    )
    return light + element(
        "path", d=burrow, fill="none", stroke=pen.colour("brown"), stroke_width=0.4 * spot.radius, stroke_opacity=0.9
    )


def _speckled(pen: Pen, spot: Spot, paint: str, count: int, *, reach: float, size: float) -> str:
    drawn = []
    for _ in range(count):
        x, y = spot.inside(pen.chance, reach)
        drawn.append(element("circle", cx=x, cy=y, r=max(1.2, size * spot.radius), fill=paint, opacity=0.85))
    return "".join(drawn)


def _around(spot: Spot, angle: float, reach: float) -> Point:
    x, y = spot.middle
    return x + reach * spot.radius * math.cos(angle), y + reach * spot.radius * math.sin(angle)


def _winding(pen: Pen, start: Point, length: float, sway: float, towards: Point | None = None) -> str:
    """A line of this length that winds its way."""
    if towards is None or towards == start:
        heading = pen.chance.uniform(0, 2 * math.pi)
    else:
        heading = math.atan2(towards[1] - start[1], towards[0] - start[0])
    points, (x, y), steps = [start], start, 7
    for _ in range(steps):
        turn = heading + pen.chance.uniform(-4, 4) * sway
        x, y = x + length / steps * math.cos(turn), y + length / steps * math.sin(turn)
        points.append((x, y))
    return line_through(points)


_Drawing = Callable[[Pen, Spot], str]
_ON_IT: Final[Mapping[Detail, _Drawing]] = {
    "clearing": _clearing,
    "scale": _scale,
    "crust": _crust,
    "cracks": _cracks,
    "pearly": _pearly,
    "vessels": _vessels,
    "plug": _plug,
    "dots": _dots,
    "lines": _lines,
    "network": _network,
    "dip": _dip,
    "sore": _sore,
    "pus": _pus,
    "opening": _opening,
    "rough": _rough,
    "weeping": _weeping,
}
_BESIDE: Final[Mapping[Detail, _Drawing]] = {"hairs": _hairs, "tail": _tail}
