"""Letters as strokes: lines between points on a grid of 5 x 7, so that they can be bent, slanted and thickened."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.c.pixels import Size

Point = tuple[float, float]
Line = list[Point]
"""Points joined by straight strokes, in heights of a capital letter: y is 0 at its top and 1 on the base line."""

_STROKES = {
    "A": "062046 1434", "B": "06003041423303 3344453606", "C": "4130100105163645", "D": "06002042442606",
    "E": "40000646 0333", "F": "400006 0333", "G": "41301001051636454323", "H": "0006 4046 0343", "I": "2026",
    "J": "4045361605", "K": "0006 400346", "L": "000646", "M": "0600234046", "N": "06004640",
    "O": "103041453616050110", "P": "06003041423303", "Q": "103041453616050110 2446", "R": "06003041423303 2346",
    "S": "413010010213334445361605", "T": "0040 2026", "U": "000516364540", "V": "002640", "W": "0016233640",
    "X": "0046 4006", "Y": "002340 2326", "Z": "00400646",
    "0": "103041453616050110", "1": "112026 1636", "2": "01103041420646", "3": "011030414233 13334445361605",
    "4": "36300444", "5": "400003334445361605", "6": "30100105163645443303", "7": "004016",
    "8": "103041423313020110 1304051636454433", "9": "43130201103041453616",
    "/": "4006", "-": "1333", ".": "2526", ":": "2122 2425", "@": "4536160501103041432324", "#": "1016 3036 0242 0444",
    "+": "2125 0343", "(": "30121436", ")": "10323416", "%": "4006 1011 3536", "&": "461120310405163644",
}  # fmt: skip
ALPHABET = "".join(_STROKES)
_ADVANCE = 0.92

_INITIALS = ("0040 4046", "000646", "0040460600", "40000646 0343", "00064640 0343", "2006 2046", "0040 2006 2046",
             "103041453616050110")  # fmt: skip
_VOWELS = ("5056 5363", "5056 4353", "5056 6066 5363", "0666 3436", "0666 3638", "5056", "0666")


def written(text: str) -> tuple[list[Line], float]:
    """The strokes of `text` in capitals, and its width, both in letter heights; what has no glyph is a space."""
    lines: list[Line] = []
    for place, letter in enumerate(text.upper()):
        lines += [[(x + place * _ADVANCE, y) for x, y in line] for line in _parsed(_STROKES.get(letter, ""))]
    return lines, max(len(text), 1) * _ADVANCE


def syllables(count: int, rng: np.random.Generator) -> tuple[list[Line], float]:
    """Blocks built as Hangul's are, of an initial, a vowel and sometimes a final."""
    lines: list[Line] = []
    for place in range(count):
        parts = _parsed(_INITIALS[int(rng.integers(len(_INITIALS)))])
        block = [[(x * 0.75, y * 0.75) for x, y in part] for part in parts]
        block += _parsed(_VOWELS[int(rng.integers(len(_VOWELS)))])
        if rng.random() < 0.5:
            final = _parsed(_INITIALS[int(rng.integers(len(_INITIALS)))])
            block = [[(x, y * 0.62) for x, y in part] for part in block]
            block += [[(x, 0.7 + y * 0.3) for x, y in part] for part in final]
        lines += [[(x + place * 1.4, y) for x, y in line] for line in block]
    return lines, count * 1.4


def moved(lines: Sequence[Line], change: Callable[[float, float], Point]) -> list[Line]:
    """The lines with every point at the place that `change` gives for it."""
    return [[change(x, y) for x, y in line] for line in lines]


def placed(lines: Sequence[Line], left: float, top: float, height_px: float, slant: float = 0.0) -> list[Line]:
    """The lines in pixels: the first letter's top left at (left, top), leaning by `slant` to the right."""
    return moved(lines, lambda x, y: (left + (x + slant * (1 - y)) * height_px, top + y * height_px))


def rounded_by(lines: Sequence[Line], centre: Point, radius_px: float, height_px: float, start: float) -> list[Line]:
    """The lines on a circle, from the angle `start` on, the letters' tops outside."""

    def change(x: float, y: float) -> Point:
        angle = start + x * height_px / radius_px
        reach = radius_px - y * height_px
        return centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)

    return moved(lines, change)


def inked(lines: Sequence[Line], size: Size, pen_px: float) -> Image.Image:
    """The lines (in pixels) as an "L" mask, drawn at twice the size for smooth edges."""
    canvas = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(canvas)
    width = max(1, round(pen_px * 2))
    for line in lines:
        points = [(x * 2, y * 2) for x, y in line]
        draw.line(points, fill=255, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return canvas.reduce(2)


def _parsed(strokes: str) -> list[Line]:
    """ "062046 1434" as lines through (0, 6), (2, 0), (4, 6) and (1, 4), (3, 4), in letter heights."""
    return [
        [(int(stroke[at]) / 6, int(stroke[at + 1]) / 6) for at in range(0, len(stroke), 2)]
        for stroke in strokes.split()
    ]
