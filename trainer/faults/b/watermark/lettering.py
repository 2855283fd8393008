"""Words as masks in many hands: Pillow's own font leaned, outlined, fattened, spaced; strokes; seven segments.

Only what comes with Pillow or is drawn here: the fonts of a machine never change the pixels of a seed.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.b.watermark.strokes import CHARACTERS, letter
from trainer.faults.b.watermark.syllables import syllables
from trainer.faults.fonts import font

Hand = Callable[[str, int, np.random.Generator], Image.Image]
"""Writes words in letters so many pixels high; gives a tight mask ("L")."""

_SOUNDS = (
    "ba der ma cli ni ca pho to sto ck me di lab san vi ta pro x image free view skin health care "
    "al en is or un ta re ko lu mi no sa te wo zu info net pix art gal ler y media doc tor hos pi tal"
)
_SYLLABLES = tuple(_SOUNDS.split())
_SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
    "-": "g",
}
_SEGMENT_LINES = {
    "a": (0.1, 0, 0.9, 0),
    "b": (1, 0.1, 1, 0.9),
    "c": (1, 1.1, 1, 1.9),
    "d": (0.1, 2, 0.9, 2),
    "e": (0, 1.1, 0, 1.9),
    "f": (0, 0.1, 0, 0.9),
    "g": (0.1, 1, 0.9, 1),
}


def words(rng: np.random.Generator, most: int = 3) -> str:
    """One to `most` invented words, sometimes with the signs that marks have."""
    made = ["".join(rng.choice(_SYLLABLES, int(rng.integers(1, 4)))) for _ in range(int(rng.integers(1, most + 1)))]
    style = int(rng.integers(5))
    if style == 0:
        return "@" + "".join(made)
    if style == 1:
        return "www." + "".join(made) + str(rng.choice([".com", ".net", ".org", ".kr"]))
    text = " ".join(made)
    return (text.upper(), text.title(), text)[style - 2]


def written(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    """The words in any hand, letters `high_px` high."""
    return HANDS[int(rng.integers(len(HANDS)))](text, max(high_px, 6), rng)


def digits(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    """Digits in seven segments, as cameras burn dates in; other signs as dots."""
    half = max(high_px, 8) / 2
    wide, line_px = half * 0.95, max(1, round(half * float(rng.uniform(0.14, 0.28))))
    step = wide * 1.5
    mask = Image.new("L", (int(step * len(text)) + line_px * 2, int(half * 2) + line_px * 2))
    draw = ImageDraw.Draw(mask)
    for index, sign in enumerate(text):
        x = index * step + line_px
        for segment in _SEGMENTS.get(sign, ""):
            a, b, c, d = _SEGMENT_LINES[segment]
            ends = (x + a * wide, b * half + line_px, x + c * wide, d * half + line_px)
            draw.line(ends, fill=255, width=line_px)
        if sign in ":./'":
            dot = (x + wide / 2, half * 1.9)
            draw.ellipse((dot[0] - line_px, dot[1] - line_px, dot[0] + line_px, dot[1] + line_px), fill=255)
    return mask


def leaned(mask: Image.Image, slope: float) -> Image.Image:
    """The mask as italics."""
    extra = int(abs(slope) * mask.height) + 1
    matrix = (1, slope, -extra if slope > 0 else 0, 0, 1, 0)
    return mask.transform((mask.width + extra, mask.height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _plain(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    fat = int(rng.choice([0, 0, 1])) * max(1, high_px // 14)
    mask = _set(text, high_px, fat)
    return leaned(mask, float(rng.uniform(0.1, 0.35))) if rng.random() < 0.4 else mask


def _outlined(text: str, high_px: int, _rng: np.random.Generator) -> Image.Image:
    line_px = max(1, high_px // 16)
    outer, inner = np.asarray(_set(text, high_px, line_px)), np.asarray(_set(text, high_px, 0, line_px))
    return Image.fromarray(np.clip(outer.astype(np.int16) - inner, 0, 255).astype(np.uint8))


def _spaced(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    gap = " " * int(rng.integers(1, 3))
    mask = _set(gap.join(text), high_px, 0)
    wider = float(rng.uniform(0.8, 1.5))
    return mask.resize((max(round(mask.width * wider), 4), mask.height), Image.Resampling.BILINEAR)


def _stroked(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    """A plotter's or a sign-writer's hand: a line of one width."""
    unit = high_px / 6
    line_px = max(1, round(high_px * float(rng.uniform(0.06, 0.2))))
    step = unit * float(rng.uniform(5.0, 7.0))
    known = [sign for sign in text.upper() if sign in CHARACTERS or sign == " "]
    mask = Image.new("L", (int(step * len(known)) + 2 * line_px, high_px + 2 * line_px))
    draw = ImageDraw.Draw(mask)
    wobble = float(rng.choice([0.0, 0.0, 0.25]))
    for index, sign in enumerate(known):
        for stroke in letter(sign):
            points = (stroke + rng.normal(0, wobble, stroke.shape)) * unit + (index * step + line_px, line_px)
            draw.line([(float(x), float(y)) for x, y in points], fill=255, width=line_px, joint="curve")
    return leaned(mask, float(rng.uniform(0.1, 0.4))) if rng.random() < 0.3 else mask


def _korean(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    """As much in Korean, thin to fat."""
    line_px = max(1, round(high_px * float(rng.uniform(0.05, 0.15))))
    return syllables(int(np.clip(len(text) // 2, 2, 10)), max(high_px, 10), line_px, rng)


def _set(text: str, high_px: int, fat_px: int, margin_px: int = 0) -> Image.Image:
    """The words in Pillow's font; `margin_px` more on each side, so that two settings lie on each other."""
    face = font(high_px)
    edge = fat_px + margin_px
    left, top, right, bottom = face.getbbox(text)
    mask = Image.new("L", (max(int(right - left), 1) + 2 * edge, max(int(bottom - top), 1) + 2 * edge))
    ImageDraw.Draw(mask).text((edge - left, edge - top), text, 255, face, stroke_width=fat_px)
    return mask


HANDS: tuple[Hand, ...] = (_plain, _plain, _outlined, _spaced, _stroked, _stroked, _korean)
