"""A small figure of a body, from the front and from behind, with dots where the disease is usually found."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.library.drawings.describing import Place
from gateway.library.drawings.svg import Point, element

WIDTH: Final = 84.0
HEIGHT: Final = 80.0

# One figure in a box of 40 by 80, its middle at x = 20.
_BODY: Final = (
    "M17.4 15.5V18.5C14 19.4 10.2 19.8 8.9 23L5.2 41.5C4.8 43.6 7.4 44.2 8 42.2L11.6 28.5L12.3 40L11.6 55L12.6 75"
    "C12.7 77.6 16.6 77.6 16.9 75L19 52H21L23.1 75C23.4 77.6 27.3 77.6 27.4 75L28.4 55L27.7 40L28.4 28.5L32 42.2"
    "C32.6 44.2 35.2 43.6 34.8 41.5L31.1 23C29.8 19.8 26 19.4 22.6 18.5V15.5Z"
)
_HEAD: Final = (20.0, 9.2, 6.6, 7.6)

_FRONT: Final[Mapping[Place, tuple[Point, ...]]] = {
    "scalp": ((20, 3),),
    "face": ((17.6, 10), (22.4, 10)),
    "lips": ((20, 13.4),),
    "neck": ((20, 17.5),),
    "chest": ((16.5, 25), (23.5, 25)),
    "abdomen": ((20, 35),),
    "shoulders": ((10.6, 22.6), (29.4, 22.6)),
    "armpits": ((11.9, 28), (28.1, 28)),
    "forearms": ((7.6, 36), (32.4, 36)),
    "hands": ((6.4, 42.4), (33.6, 42.4)),
    "groin": ((16.4, 45.5), (23.6, 45.5)),
    "thighs": ((15, 53), (25, 53)),
    "knees": ((14.6, 61.5), (25.4, 61.5)),
    "shins": ((14.8, 69), (25.2, 69)),
    "feet": ((14.6, 76), (25.4, 76)),
    "flank": ((13.4, 33), (16.5, 34.2)),
}
_BEHIND: Final[Mapping[Place, tuple[Point, ...]]] = {
    "scalp": ((20, 6),),
    "neck": ((20, 16.5),),
    "back": ((16, 27), (24, 27), (20, 34)),
    "shoulders": ((11, 22.8), (29, 22.8)),
    "elbows": ((9, 32.5), (31, 32.5)),
    "buttocks": ((16.5, 45), (23.5, 45)),
    "soles": ((14.6, 76.4), (25.4, 76.4)),
    "flank": ((26.6, 33), (23.5, 32)),
}


def draw_figure(places: Iterable[Place]) -> str:
    """Both sides, `WIDTH` by `HEIGHT` pixels from the upper left corner."""
    chosen = list(places)
    sides = ((2.0, _FRONT), (42.0, _BEHIND))
    return "".join(element("g", _outline(), *_dots(chosen, dots), transform=f"translate({x:g} 0)") for x, dots in sides)


def _outline() -> str:
    x, y, width, height = _HEAD
    head = element("ellipse", cx=x, cy=y, rx=width / 1.15, ry=height)
    return element(
        "g", head, element("path", d=_BODY), fill="#e8dcd3", stroke="#a08d80", stroke_width=0.9, stroke_linejoin="round"
    )


def _dots(places: Iterable[Place], known: Mapping[Place, tuple[Point, ...]]) -> Iterable[str]:
    for place in places:
        for x, y in known.get(place, ()):
            yield element("circle", cx=x, cy=y, r=2.5, fill="#c2413a", stroke="#fff", stroke_width=0.7)
