"""Korean writing from pen strokes in a cell of 4 wide and 6 high, as the Latin letters here."""

import numpy as np
from PIL import Image, ImageDraw

_LEADS = (
    *(
        "004046",
        "000646",
        "40000646",
        "00404303063646",
        "0006464000",
        "00060646 4046 0343",
        "200620 2046",
        "0040 2006 2046",
    ),
    *("103041453616050110", "1030 0242 1434", "0040 4046 0343", "004006 0646 0343"),
)
"""Consonants: strokes parted by spaces, points as two digits (x 0..4, y 0..6)."""
_BESIDE = ("2026 2343", "2026 0323", "2026", "1016 3036 1333", "2026 2242 2444", "2026 0222 0424")
_UNDER = ("0545 2025", "0141 2126", "0343", "0545 1015 3035", "0141 1116 3136")

Part = tuple[float, float, float, float]
"""Left, top, width and height, shares of the syllable's square."""


def syllables(count: int, high_px: int, line_px: int, rng: np.random.Generator) -> Image.Image:
    """A mask ("L") of `count` Korean syllables, some words of them apart, by one pen."""
    mask = Image.new("L", (round(high_px * (1.3 * count + 1)), high_px + 2 * line_px))
    draw = ImageDraw.Draw(mask)
    x = float(line_px)
    for _ in range(count):
        _syllable(draw, (x, float(line_px), 0.95 * high_px, float(high_px)), line_px, rng)
        x += high_px * float(rng.choice([1.08, 1.08, 1.5]))
    return mask.crop((0, 0, min(round(x) + line_px, mask.width), mask.height))


def _syllable(draw: ImageDraw.ImageDraw, square: Part, line_px: int, rng: np.random.Generator) -> None:
    closed = rng.random() < 0.4
    tall = 0.62 if closed else 1.0
    lead = _LEADS[int(rng.integers(len(_LEADS)))]
    if rng.random() < 0.6:
        parts = [(lead, (0.0, 0.06, 0.5, 0.85 * tall)), (str(rng.choice(_BESIDE)), (0.56, 0.0, 0.4, tall))]
    else:
        parts = [(lead, (0.18, 0.0, 0.6, 0.5 * tall)), (str(rng.choice(_UNDER)), (0.0, 0.6 * tall, 1.0, 0.34 * tall))]
    if closed:
        parts.append((_LEADS[int(rng.integers(len(_LEADS)))], (0.2, 0.7, 0.6, 0.3)))
    for code, part in parts:
        _strokes(draw, code, square, part, line_px)


def _strokes(draw: ImageDraw.ImageDraw, code: str, square: Part, part: Part, line_px: int) -> None:
    left, top = square[0] + part[0] * square[2], square[1] + part[1] * square[3]
    across, down = part[2] * square[2] / 4, part[3] * square[3] / 6
    for stroke in code.split():
        pairs = zip(stroke[::2], stroke[1::2], strict=True)
        points = [(left + int(x) * across, top + int(y) * down) for x, y in pairs]
        draw.line(points, 255, line_px, joint="curve")
