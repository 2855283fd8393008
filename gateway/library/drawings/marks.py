"""Drawing one spot from above: its shadow, its body by how far it stands out, and the details on it."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.library.drawings.describing import Elevation, Mark
from gateway.library.drawings.details import details
from gateway.library.drawings.outlines import corners, outline, smooth
from gateway.library.drawings.pen import Pen
from gateway.library.drawings.spot import Spot
from gateway.library.drawings.svg import Point, element

_RAISED: Final[Mapping[Elevation, float]] = {
    "plaque": 0.07,
    "dome": 0.16,
    "blister": 0.14,
    "wheal": 0.06,
    "crater": 0.1,
}
"""How far the shadow falls, as a share of the radius."""


def draw_mark(pen: Pen, mark: Mark, middle: Point, radius: float, turned: float | None = None) -> str:
    """One spot of a mark; `radius` in pixels."""
    points = corners(pen.chance, middle, radius, mark.shape, turned)
    spot = Spot(mark, middle, radius, smooth(points), points)
    parts = (_halo(pen, spot), _shadow(spot), _BODIES[mark.elevation](pen, spot), details(pen, spot))
    return element("g", *parts)


def _halo(pen: Pen, spot: Spot) -> str:
    if "halo" not in spot.mark.details:
        return ""
    ring = outline(pen.chance, spot.middle, 1.75 * spot.radius, "round")
    return element("path", d=ring, fill=pen.fading(pen.colour(spot.mark.colours[-1]), 0.62))


def _shadow(spot: Spot) -> str:
    fall = _RAISED.get(spot.mark.elevation, 0.0) * spot.radius
    if fall == 0:
        return ""
    return element("path", d=spot.path, fill="#000", opacity=0.2, transform=f"translate({fall:.1f} {fall:.1f})")


def _flat(pen: Pen, spot: Spot) -> str:
    if spot.mark.edge == "soft":
        wide = outline(pen.chance, spot.middle, 1.3 * spot.radius, spot.mark.shape)
        base = element("path", d=wide, fill=pen.fading(pen.colour(spot.mark.colours[0]), 0.45))
    else:
        base = element("path", d=spot.path, fill=pen.colour(spot.mark.colours[0]))
    return base + _blotches(pen, spot) + _rim(pen, spot)


def _plaque(pen: Pen, spot: Spot) -> str:
    edge = element(
        "path", d=spot.path, fill="none", stroke="#fff", stroke_opacity=0.35, stroke_width=0.05 * spot.radius
    )
    return _flat(pen, spot) + element("path", d=spot.path, fill=pen.gloss(), opacity=0.45) + edge


def _dome(pen: Pen, spot: Spot) -> str:
    return _flat(pen, spot) + element("path", d=spot.path, fill=pen.gloss()) + _glint(spot)


def _blister(pen: Pen, spot: Spot) -> str:
    """Thin, tense and clear, with whatever lies below shining through."""
    rim = element("path", d=spot.path, fill="none", stroke=pen.colour("red"), stroke_opacity=0.5, stroke_width=1.2)
    body = element("path", d=spot.path, fill=pen.colour(spot.mark.colours[0]), opacity=0.82)
    return body + rim + element("path", d=spot.path, fill=pen.gloss()) + _glint(spot)


def _wheal(pen: Pen, spot: Spot) -> str:
    pale = outline(pen.chance, spot.middle, 0.8 * spot.radius, spot.mark.shape)
    return _plaque(pen, spot) + element("path", d=pale, fill=pen.fading(pen.colour("pale"), 0.3), opacity=0.75)


def _crater(pen: Pen, spot: Spot) -> str:
    """A rolled rim around a hollow; the second colour fills the hollow."""
    inner = outline(pen.chance, spot.middle, 0.56 * spot.radius, spot.mark.shape)
    floor = pen.colour(spot.mark.colours[min(1, len(spot.mark.colours) - 1)])
    rim = element("path", d=spot.path, fill=pen.colour(spot.mark.colours[0])) + element(
        "path", d=spot.path, fill=pen.gloss()
    )
    return rim + element("path", d=inner, fill=floor) + element("path", d=inner, fill=pen.hollow())


def _deep(pen: Pen, spot: Spot) -> str:
    """A lump below skin of the usual colour: light and shadow alone give it away."""
    lit = (spot.middle[0] - 0.2 * spot.radius, spot.middle[1] - 0.25 * spot.radius)
    dark = (spot.middle[0] + 0.22 * spot.radius, spot.middle[1] + 0.28 * spot.radius)
    tint = element("path", d=spot.path, fill=pen.fading(pen.colour(spot.mark.colours[0]), 0.5), opacity=0.9)
    shadow = element("path", d=outline(pen.chance, dark, 1.05 * spot.radius, "round"), fill=pen.fading(pen.shade, 0.3))
    return (
        shadow
        + tint
        + element(
            "path", d=outline(pen.chance, lit, 0.7 * spot.radius, "round"), fill=pen.fading("#fff8f0", 0.1), opacity=0.7
        )
    )


def _sunken(pen: Pen, spot: Spot) -> str:
    return _flat(pen, spot) + element("path", d=spot.path, fill=pen.hollow(), opacity=0.7)


def _blotches(pen: Pen, spot: Spot) -> str:
    """The further colours, in patches inside the outline."""
    others = spot.mark.colours[1:-1] if "halo" in spot.mark.details else spot.mark.colours[1:]
    if not others or spot.mark.edge == "active":
        return ""
    drawn = []
    for place, name in enumerate(others * 2):
        size = spot.radius * (0.62 if place < len(others) else 0.4)
        patch = outline(pen.chance, spot.inside(pen.chance, 0.75), size, "irregular")
        drawn.append(element("path", d=patch, fill=pen.fading(pen.colour(name), 0.6)))
    return element("g", *drawn, clip_path=pen.clip(spot.path))


def _rim(pen: Pen, spot: Spot) -> str:
    """An edge that spreads: redder and a little raised, with skin that clears behind it."""
    if spot.mark.edge != "active":
        return ""
    rim = pen.colour(spot.mark.colours[min(1, len(spot.mark.colours) - 1)])
    width = min(0.2 * spot.radius, 9)
    light = element("path", d=spot.path, fill="none", stroke="#fff", stroke_opacity=0.3, stroke_width=0.3 * width)
    return element("path", d=spot.path, fill="none", stroke=rim, stroke_width=width) + light


def _glint(spot: Spot) -> str:
    x, y = spot.middle[0] - 0.32 * spot.radius, spot.middle[1] - 0.36 * spot.radius
    return element("ellipse", cx=x, cy=y, rx=0.15 * spot.radius, ry=0.09 * spot.radius, fill="#fff", opacity=0.6)


_BODIES: Final[Mapping[Elevation, Callable[[Pen, Spot], str]]] = {
    "flat": _flat,
    "plaque": _plaque,
    "dome": _dome,
    "blister": _blister,
    "wheal": _wheal,
    "crater": _crater,
    "deep": _deep,
    "sunken": _sunken,
}
