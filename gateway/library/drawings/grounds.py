"""What the spots lie on: plain skin, a scalp with hair, the ridges of palm and sole, a face, toes."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from gateway.library.drawings.arranging import Area
from gateway.library.drawings.describing import Ground
from gateway.library.drawings.pen import Pen
from gateway.library.drawings.svg import Point, element, line_through, number

_CHEEKS: Final = "M52 4C40 162 112 220 160 220S280 162 268 4"
_NOSE: Final = "M154 73C152 108 136 125 147 138Q160 147 173 138"
_MOUTH: Final = "M134 175Q152 166 160 172Q168 166 186 175Q160 190 134 175"
_EYES: Final = (
    "M86 71Q108 54 130 71Q108 82 86 71M83 49Q108 33 133 48",
    "M190 71Q212 54 234 71Q212 82 190 71M187 48Q212 33 237 49",
)


def draw_ground(pen: Pen, ground: Ground, area: Area) -> str:
    """The ground, as large as the area."""
    base = element("rect", width=area.width, height=area.height, fill=pen.skin)
    return base + _GROUNDS[ground](pen, area)


def draw_over(pen: Pen, ground: Ground, area: Area, bald: list[tuple[Point, float]]) -> str:
    """What stands above the spots: hair, but for the places in `bald` (middle and radius)."""
    return _hair(pen, area, bald) if ground == "hair" else ""


def _skin(pen: Pen, area: Area) -> str:
    """Fine furrows, and pores."""
    lines = [_furrow(pen, area) for _ in range(int(area.width / 4))]
    pores = [
        element("circle", cx=_within(pen, area.width), cy=_within(pen, area.height), r=1, fill=pen.shade, opacity=0.35)
        for _ in range(int(area.width / 6))
    ]
    drawn = element("path", d="".join(lines), fill="none", stroke=pen.shade, stroke_opacity=0.22, stroke_width=1)
    return drawn + "".join(pores)


def _ridges(pen: Pen, area: Area) -> str:
    """The parallel ridges of palm and sole."""
    drawn = []
    for row in range(int(area.height / 7) + 8):
        y = 7 * row - 20
        data = f"M-5 {number(y)}Q{number(area.width / 2)} {number(y - 34)} {number(area.width + 5)} {number(y + 12)}"
        drawn.append(data)
    return element("path", d="".join(drawn), fill="none", stroke=pen.shade, stroke_opacity=0.45, stroke_width=1.6)


def _face(pen: Pen, _area: Area) -> str:
    """Eyes, nose and mouth in lines: enough to see where the cheeks are. Made for the view from above alone."""
    lines = "".join((_CHEEKS, _NOSE, _MOUTH, *_EYES))
    return element(
        "path", d=lines, fill="none", stroke=pen.shade, stroke_width=2.4, stroke_opacity=0.85, stroke_linecap="round"
    )


def _toes(pen: Pen, area: Area) -> str:
    """The web between two toes, from above, and a third toe beside it."""
    depth = element("rect", width=area.width, height=area.height, fill=pen.shade)
    return depth + "".join(
        _toe(pen, share * area.width, 0.165 * area.width, area.height) for share in (0.22, 0.575, 0.93)
    )


def _toe(pen: Pen, x: float, half: float, height: float) -> str:
    """A toe that comes down from the foot above, its nail at the lower end."""
    left, right, end = number(x - half), number(x + half), number(height - 14)
    data = (
        f"M{left} -5L{left} {number(height - 80)}C{left} {end} {right} {end} {right} {number(height - 80)}L{right} -5Z"
    )
    body = element("path", d=data, fill=pen.skin, stroke="#000", stroke_opacity=0.18, stroke_width=3)
    lit = element(
        "ellipse",
        cx=x - 0.3 * half,
        cy=0.4 * height,
        rx=0.35 * half,
        ry=0.5 * height,
        fill=pen.fading("#fff3e6", 0.05),
        opacity=0.4,
    )
    nail = element(
        "rect",
        x=x - 0.5 * half,
        y=height - 78,
        width=half,
        height=44,
        rx=17,
        fill="#fff1e6",
        fill_opacity=0.8,
        stroke=pen.shade,
        stroke_width=1.5,
    )
    return body + lit + nail


def _hair(pen: Pen, area: Area, bald: list[tuple[Point, float]]) -> str:
    drawn = []
    for _ in range(520):
        x, y = _within(pen, area.width), _within(pen, area.height)
        if any(math.dist((x, y), middle) < radius * pen.chance.uniform(0.93, 1.06) for middle, radius in bald):
            continue
        tip = (x + pen.chance.uniform(4, 12), y - pen.chance.uniform(16, 30))
        drawn.append(line_through([(x, y), ((x + tip[0]) / 2 - 2, (y + tip[1]) / 2), tip]))
    return element(
        "path",
        d="".join(drawn),
        fill="none",
        stroke="#3a2a22",
        stroke_width=1.3,
        stroke_opacity=0.75,
        stroke_linecap="round",
    )


def _furrow(pen: Pen, area: Area) -> str:
    x, y = _within(pen, area.width), _within(pen, area.height)
    angle = pen.chance.choice((0.5, 2.2)) + pen.chance.uniform(-0.3, 0.3)
    length = pen.chance.uniform(14, 42)
    return line_through([(x, y), (x + length * math.cos(angle), y + length * math.sin(angle))])


def _within(pen: Pen, length: float) -> float:
    return pen.chance.uniform(0, length)


_GROUNDS: Final[Mapping[Ground, Callable[[Pen, Area], str]]] = {
    "skin": _skin,
    "hair": _skin,
    "ridges": _ridges,
    "face": _face,
    "toes": _toes,
}
