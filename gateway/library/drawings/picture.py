"""A disease's schematic drawing: its look from above on three tones of skin, a cut through it, and where it is found.

Drawn by rule from `descriptions.json`, the same each time; no photo of anybody stands behind it.
"""

import functools
from random import Random
from typing import Final

from gateway.library.drawings import figure, section
from gateway.library.drawings.arranging import Area, places
from gateway.library.drawings.colours import Tone
from gateway.library.drawings.describing import Description, Mark, description
from gateway.library.drawings.grounds import draw_ground, draw_over
from gateway.library.drawings.marks import draw_mark
from gateway.library.drawings.pen import Pen
from gateway.library.drawings.section import draw_section
from gateway.library.drawings.svg import Point, element, words

MEDIA_TYPE: Final = "image/svg+xml"
WIDTH: Final = 400.0
HEIGHT: Final = 300.0
MARK: Final = "모식도 · schematic"
"""What every drawing says of itself."""

_ABOVE: Final = Area(WIDTH, HEIGHT - section.HEIGHT, (160.0, 112.0))
_INSET: Final = 34.0
_INSETS: Final[tuple[tuple[Tone, Point], ...]] = (("light", (353.0, 46.0)), ("dark", (353.0, 124.0)))
_LARGEST_IN_INSET: Final = 21.0
_FEW: Final = 5
_FONT: Final = "system-ui, 'Noto Sans KR', 'Malgun Gothic', sans-serif"
_BARS: Final = (100, 50, 20, 10, 5, 2, 1)
_LONGEST_BAR: Final = 90.0


@functools.lru_cache(maxsize=256)
def drawing(slug: str, name: str) -> bytes:
    """The drawing of a disease, an SVG document in UTF-8 of 400 by 300; `name` is what the disease is called in it."""
    described = description(slug)
    pens = {tone: Pen(tone[0], tone, WIDTH / described.width, Random(f"{slug} {tone}")) for tone in _tones()}  # noqa: S311 - a drawing, no secret
    medium = pens["medium"]
    parts = (
        _from_above(medium, described),
        *(_on_other_skin(pens[tone], described, middle) for tone, middle in _INSETS),
        _scale_bar(medium.scale),
        _lower(medium, described),
        _says_what_it_is(),
    )
    definitions = [definition for pen in pens.values() for definition in pen.definitions]
    whole = element(
        "svg", words(f"{name} ({MARK})", "title"), element("defs", *definitions), *parts,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", width=WIDTH, height=HEIGHT, role="img",
    )  # fmt: skip
    return whole.encode()


def _tones() -> tuple[Tone, ...]:
    return ("medium", *(tone for tone, _ in _INSETS))


def _from_above(pen: Pen, described: Description) -> str:
    """The skin with everything on it."""
    ground = draw_ground(pen, described.ground, _ABOVE)
    drawn: list[str] = []
    bald: list[tuple[Point, float]] = []
    for mark in described.marks:
        for middle in places(pen.chance, mark.arrangement, mark.count, _ABOVE, _largest(pen, mark)):
            radius = pen.scale * pen.chance.uniform(*mark.radius)
            drawn.append(draw_mark(pen, mark, middle, radius, _turned(mark, middle)))
            if "hairs" in mark.details:
                bald.append((middle, radius))
    return ground + "".join(drawn) + draw_over(pen, described.ground, _ABOVE, bald)


def _on_other_skin(pen: Pen, described: Description, middle: Point) -> str:
    """The same on skin of another tone, in a round window."""
    window = Area(2 * _INSET, 2 * _INSET, (_INSET, _INSET))
    round_window = (
        f"M0 {_INSET:g}a{_INSET:g} {_INSET:g} 0 1 0 {2 * _INSET:g} 0a{_INSET:g} {_INSET:g} 0 1 0 {-2 * _INSET:g} 0Z"
    )
    ground = draw_ground(pen, "ridges" if described.ground == "ridges" else "skin", window)
    drawn, bald = _in_window(pen, described.marks[-1], window)
    inside = element(
        "g", ground, *drawn, draw_over(pen, described.ground, window, bald), clip_path=pen.clip(round_window)
    )
    rim = element("path", d=round_window, fill="none", stroke="#fff", stroke_width=3)
    return element("g", inside, rim, transform=f"translate({middle[0] - _INSET:g} {middle[1] - _INSET:g})")


def _in_window(pen: Pen, mark: Mark, window: Area) -> tuple[list[str], list[tuple[Point, float]]]:
    radius = min(_largest(pen, mark), _LARGEST_IN_INSET)
    several = mark.count > 1 and radius < _LARGEST_IN_INSET / 2
    middles = places(pen.chance, "grouped", _FEW, window, radius) if several else [window.middle]
    return [draw_mark(pen, mark, middle, radius) for middle in middles], [(middle, radius) for middle in middles]


def _lower(pen: Pen, described: Description) -> str:
    """The cut through the skin, and beside it the figure."""
    ground = element("rect", width=WIDTH, height=section.HEIGHT, fill="#fbf7f3")
    cut = draw_section(pen, described.section)
    body = element("g", figure.draw_figure(described.places), transform=f"translate({WIDTH - figure.WIDTH - 8:g} 2)")
    parts = (ground, cut, element("rect", x=section.WIDTH, width=2, height=section.HEIGHT, fill="#fff"), body)
    return element("g", *parts, transform=f"translate(0 {HEIGHT - section.HEIGHT:g})")


def _scale_bar(scale: float) -> str:
    """A bar of a round number of millimetres, true to the view from above."""
    length = next(bar for bar in _BARS if bar * scale <= _LONGEST_BAR or bar == _BARS[-1])
    y, x = HEIGHT - section.HEIGHT - 12, 14.0
    bar = element(
        "path", d=f"M{x:g} {y - 5:g}v10m0-5h{length * scale:.1f}m0-5v10", fill="none", stroke="#fff", stroke_width=2.5
    )
    label = words(
        f"{length} mm",
        "text",
        x=x + length * scale + 7,
        y=y + 5,
        fill="#fff",
        font_size=14,
        font_weight=600,
        font_family=_FONT,
    )
    shadow = element("rect", x=4, y=y - 13, width=length * scale + 74, height=25, rx=8, fill="#1d1410", opacity=0.42)
    return shadow + bar + label


def _says_what_it_is() -> str:
    plate = element("rect", x=8, y=8, width=152, height=25, rx=12.5, fill="#fff", opacity=0.88)
    return plate + words(
        MARK,
        "text",
        x=84,
        y=25.5,
        fill="#3b2b22",
        font_size=14.5,
        font_weight=600,
        text_anchor="middle",
        font_family=_FONT,
    )


def _largest(pen: Pen, mark: Mark) -> float:
    return pen.scale * mark.radius[1]


def _turned(mark: Mark, middle: Point) -> float | None:
    """Spots that follow lines of the skin lie along them."""
    if mark.arrangement != "tree":
        return None
    return 0.93 if middle[0] > _ABOVE.width / 2 else 2.21
