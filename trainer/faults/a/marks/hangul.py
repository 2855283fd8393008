"""Korean syllables drawn as rings and bars: Pillow's own font has none."""

import numpy as np
from PIL import Image, ImageDraw

Box = tuple[float, float, float, float]

_BARS: dict[str, tuple[Box, ...]] = {
    "g": ((0, 0, 1, 0), (1, 0, 1, 1)),
    "n": ((0, 0, 0, 1), (0, 1, 1, 1)),
    "d": ((0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 1, 1)),
    "r": ((0, 0, 1, 0), (1, 0, 1, 0.5), (0, 0.5, 1, 0.5), (0, 0.5, 0, 1), (0, 1, 1, 1)),
    "m": ((0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1)),
    "b": ((0, 0, 0, 1), (1, 0, 1, 1), (0, 0.5, 1, 0.5), (0, 1, 1, 1)),
    "s": ((0.5, 0, 0, 1), (0.5, 0.2, 1, 1)),
    "j": ((0, 0, 1, 0), (0.5, 0, 0, 1), (0.5, 0.3, 1, 1)),
    "k": ((0, 0, 1, 0), (1, 0, 1, 1), (0, 0.5, 1, 0.5)),
}
_RING = "o"
_FIRST = (*_BARS, _RING)
_UPRIGHT: tuple[tuple[Box, ...], ...] = (
    ((0.5, 0, 0.5, 1), (0.5, 0.5, 1, 0.5)),
    ((0.5, 0, 0.5, 1), (0, 0.5, 0.5, 0.5)),
    ((0.5, 0, 0.5, 1),),
    ((0.4, 0, 0.4, 1), (0.9, 0, 0.9, 1), (0.4, 0.5, 0.9, 0.5)),
)
_LEVEL: tuple[tuple[Box, ...], ...] = (
    ((0, 0.7, 1, 0.7), (0.5, 0, 0.5, 0.7)),
    ((0, 0.3, 1, 0.3), (0.5, 0.3, 0.5, 1)),
    ((0, 0.5, 1, 0.5),),
)


def korean(count: int, high_px: int, line_px: int, rng: np.random.Generator) -> Image.Image:
    """A mask ("L") with `count` syllables (some with a gap before them), each `high_px` high."""
    step = round(high_px * 1.12)
    mask = Image.new("L", (step * count + 2 * line_px, high_px + 2 * line_px))
    draw = ImageDraw.Draw(mask)
    for index in range(count):
        _syllable(draw, (index * step + line_px, line_px, high_px * 0.94, float(high_px)), line_px, rng)
    return mask


def _syllable(draw: ImageDraw.ImageDraw, box: Box, line_px: int, rng: np.random.Generator) -> None:
    """A consonant, a vowel beside or under it, often a consonant below both."""
    high = 0.58 if rng.random() < 0.5 else 1.0
    if rng.random() < 0.6:
        _consonant(draw, _within(box, (0.02, 0.08, 0.5, 0.8 * high)), line_px, rng)
        _bars(draw, _within(box, (0.58, 0, 0.4, high)), _UPRIGHT[int(rng.integers(len(_UPRIGHT)))], line_px)
    else:
        _consonant(draw, _within(box, (0.2, 0, 0.6, 0.48 * high)), line_px, rng)
        _bars(draw, _within(box, (0, 0.58 * high, 1, 0.36 * high)), _LEVEL[int(rng.integers(len(_LEVEL)))], line_px)
    if high < 1:
        _consonant(draw, _within(box, (0.2, 0.68, 0.65, 0.3)), line_px, rng)


def _consonant(draw: ImageDraw.ImageDraw, box: Box, line_px: int, rng: np.random.Generator) -> None:
    name = _FIRST[int(rng.integers(len(_FIRST)))]
    if name == _RING:
        x, y, wide, high = box
        draw.ellipse((x, y, x + wide, y + high), outline=255, width=line_px)
    else:
        _bars(draw, box, _BARS[name], line_px)


def _bars(draw: ImageDraw.ImageDraw, box: Box, bars: tuple[Box, ...], line_px: int) -> None:
    x, y, wide, high = box
    for a, b, c, d in bars:
        draw.line((x + a * wide, y + b * high, x + c * wide, y + d * high), 255, line_px)


def _within(box: Box, part: Box) -> Box:
    """A part, in shares, of a box, both as x, y, width and height."""
    x, y, wide, high = box
    return x + part[0] * wide, y + part[1] * high, part[2] * wide, part[3] * high
