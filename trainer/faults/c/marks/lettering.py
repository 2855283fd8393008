"""Marks made of words: over all of the photo, once, round a stamp, or in a camera's display."""

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from trainer.faults.c.marks.letters import inked, placed, rounded_by, written
from trainer.faults.c.marks.overlay import contrasting_ink, laid, phrase, words

_SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "abcdfg", "-": "g",
}  # fmt: skip
_PLACES = {
    "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
}  # fmt: skip


def tiled(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """The same words all over at a slant, rows set off from each other."""
    height = max(7.0, min(photo.size) * float(rng.uniform(0.03, 0.075)))
    lines, width = phrase(rng, 2)
    stamp_size = (math.ceil(width * height) + 4, math.ceil(height * 1.3) + 4)
    pen = height * float(rng.uniform(0.07, 0.16))
    stamp = inked(placed(lines, 3, 3, height), stamp_size, pen)
    side = math.ceil(math.hypot(*photo.size))
    sheet = Image.new("L", (side, side))
    across = stamp.width + round(height * float(rng.uniform(0.6, 3)))
    down = round(height * float(rng.uniform(2, 5)))
    for row, top in enumerate(range(0, side, down)):
        for left in range(-(row * across // 3) % across - across, side, across):
            sheet.paste(stamp, (left, top))
    turned = sheet.rotate(float(rng.uniform(-45, 45)), Image.Resampling.BILINEAR)
    left, top = (side - photo.width) // 2, (side - photo.height) // 2
    mask = turned.crop((left, top, left + photo.width, top + photo.height))
    return laid(photo, mask, contrasting_ink(photo, rng), opacity * 0.85)


def signature(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """One line of words anywhere, plain, outlined or with a shadow."""
    lines, width = phrase(rng, 3)
    height = min(min(photo.size) * float(rng.uniform(0.045, 0.15)), photo.width * 0.94 / width)
    left = float(rng.uniform(0.02, max(0.03, 0.97 - width * height / photo.width))) * photo.width
    top = float(rng.uniform(0.03, 0.92 - min(height / photo.height, 0.5))) * photo.height
    pen = max(height * float(rng.uniform(0.06, 0.2)), 1.2)
    mask = inked(placed(lines, left, top, height, float(rng.uniform(-0.1, 0.35))), photo.size, pen)
    colour = contrasting_ink(photo, rng)
    style = int(rng.integers(3))
    if style == 1:
        mask = ImageChops.subtract(mask.filter(ImageFilter.MaxFilter(3)), mask.filter(ImageFilter.MinFilter(3)))
    if style == 2:
        shift = max(1, round(pen / 2))
        shadow = ImageChops.offset(mask, shift, shift).filter(ImageFilter.BoxBlur(shift))
        photo = laid(photo, shadow, (255 - colour[0], 255 - colour[1], 255 - colour[2]), opacity * 0.7)
    return laid(photo, mask, colour, opacity)


def stamped(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A round seal: two rings, words along the rim, initials or a cross in the middle."""
    radius = min(photo.size) * float(rng.uniform(0.1, 0.28))
    centre = (float(rng.uniform(0.2, 0.8)) * photo.width, float(rng.uniform(0.2, 0.8)) * photo.height)
    height = radius * float(rng.uniform(0.16, 0.24))
    rim = words(rng, 3) + " " + words(rng, 2)
    around = rounded_by(written(rim)[0], centre, radius * 0.93, height, float(rng.uniform(0, math.tau)))
    initials, width = written(words(rng, 1)[:3])
    inside = placed(initials, centre[0] - width * radius * 0.2, centre[1] - radius * 0.2, radius * 0.4)
    pen = max(radius * float(rng.uniform(0.025, 0.05)), 1.0)
    mask = inked([*around, *inside], photo.size, pen)
    draw = ImageDraw.Draw(mask)
    for reach in (radius, radius * 0.68):
        box = (centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach)
        draw.ellipse(box, outline=255, width=max(1, round(pen)))
    return laid(photo, mask, contrasting_ink(photo, rng), opacity)


def display(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """Date and time in seven segments, glowing, in a corner."""
    height = max(min(photo.size) * float(rng.uniform(0.035, 0.07)), 8.0)
    year, month, day = int(rng.integers(1995, 2031)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    text = f"{day:02d}-{month:02d}-{year % 100:02d}" if rng.random() < 0.5 else f"{year}-{month:02d}-{day:02d}"
    if rng.random() < 0.4:
        text += f" {int(rng.integers(24)):02d}-{int(rng.integers(60)):02d}"
    lines = [
        [(place * 0.75 + x * 0.5, y * 0.5) for x, y in _PLACES[segment]]
        for place, figure in enumerate(text)
        for segment in _SEGMENTS.get(figure, "")
    ]
    height = min(height, photo.width * 0.9 / (len(text) * 0.75))
    left = photo.width * 0.96 - len(text) * 0.75 * height if rng.random() < 0.7 else photo.width * 0.04
    top = photo.height * 0.96 - height if rng.random() < 0.7 else photo.height * 0.04
    mask = inked(placed(lines, left, top, height, 0.1), photo.size, max(height * 0.1, 1.2))
    colour = ((255, 120, 10), (255, 220, 40), (80, 255, 120), (255, 40, 30))[int(rng.integers(4))]
    glowing = laid(photo, mask.filter(ImageFilter.BoxBlur(max(1.0, height / 8))), (200, 30, 0), opacity * 0.6)
    return laid(glowing, mask, colour, max(opacity, 0.65))
