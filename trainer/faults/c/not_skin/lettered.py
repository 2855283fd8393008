"""Things with letters on them: a keyboard, a screen, a printed sheet."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.faults.c.fields import cloud, slope_across, smooth
from trainer.faults.c.marks.letters import Line, inked, placed, written
from trainer.faults.c.marks.overlay import words
from trainer.faults.c.not_skin.materials import board
from trainer.faults.c.not_skin.palette import near
from trainer.faults.c.pixels import Pixels, Size, plane_of


def keyboard(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Keys with letters in rows, seen at a slant."""
    unit = min(size) / float(rng.uniform(4, 9))
    wide = (math.ceil(size[0] * 1.6), math.ceil(size[1] * 1.6))
    caps, lines = Image.new("L", wide), []
    draw = ImageDraw.Draw(caps)
    letters = "QWERTYUIOPASDFGHJKLZXCVBNM0123456789"
    for row in range(math.ceil(wide[1] / unit)):
        left = (row % 3) * unit / 3 - unit
        while left < wide[0]:
            width = unit * float(rng.choice([1.0, 1.0, 1.0, 1.0, 1.8]))
            top = row * unit
            draw.rounded_rectangle((left + 2, top + 2, left + width - 2, top + unit - 2), unit * 0.14, fill=255)
            letter = letters[int(rng.integers(len(letters)))]
            lines += placed(written(letter)[0], left + unit * 0.25, top + unit * 0.22, unit * 0.32)
            left += width
    ink = inked(lines, wide, max(unit * 0.045, 1.0))
    angle = float(rng.uniform(-35, 35))
    key, print_ = (_middle(mask.rotate(angle, Image.Resampling.BILINEAR), size) for mask in (caps, ink))
    height = plane_of(key.filter(ImageFilter.BoxBlur(unit / 22)))[..., None]
    paint = np.float32(0.9) if float(colour.mean()) < 0.25 else np.float32(0.03)
    letters_share = plane_of(print_)[..., None]
    body = near(colour, 0.1, rng) * (np.float32(0.12) + np.float32(0.88) * height)
    light = 1 + np.float32(0.25) * slope_across(size, float(rng.uniform(0, math.tau)))
    return np.asarray((body * (1 - letters_share) + paint * letters_share) * light[..., None], dtype=np.float32)


def screen(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """A monitor photographed: windows, a chart, lines of words, its pixels and a reflection."""
    ground = np.full((size[1], size[0], 3), float(rng.choice([0.02, 0.85])), dtype=np.float32)
    ink = np.float32(0.9) if float(ground[0, 0, 0]) < 0.5 else np.float32(0.05)
    mask, lines = Image.new("L", size), list[Line]()
    draw = ImageDraw.Draw(mask)
    bars = int(rng.integers(5, 24))
    base, step = size[1] * float(rng.uniform(0.5, 0.9)), size[0] / bars
    for bar, high in enumerate(rng.uniform(0.05, 0.45, bars).tolist()):
        draw.rectangle((bar * step, base - high * size[1], bar * step + step * 0.6, base), fill=255)
    height = max(min(size) * 0.03, 6.0)
    for row in range(int(rng.integers(2, 6))):
        lines += placed(written(words(rng, 5))[0], size[0] * 0.04, height * (1 + 1.8 * row), height)
    steps = np.linspace(0, size[0], 30)
    curve = size[1] * (0.4 + 0.1 * np.cumsum(rng.normal(0, 0.5, 30)) / 3)
    lines.append(list(zip(steps.tolist(), curve.tolist(), strict=True)))
    bars_share, ink_share = plane_of(mask)[..., None], plane_of(inked(lines, size, height * 0.14))[..., None]
    view = ground * (1 - bars_share) + near(colour, 0.4, rng) * bars_share
    view = view * (1 - ink_share) + ink * ink_share
    raster = np.ones_like(view)
    for channel in range(3):
        raster[:, channel::3, channel] = 1.35
    glare = smooth(cloud(rng, size, max(size), 24.0, 2.5), 0.5, 2.0) * np.float32(rng.uniform(0, 0.3))
    return np.asarray(view * raster + glare[..., None], dtype=np.float32)


def sheet(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Printed lines on paper, turned, in uneven light."""
    side = math.ceil(math.hypot(*size))
    height = max(min(size) * float(rng.uniform(0.02, 0.06)), 6.0)
    lines: list[Line] = []
    top = height
    while top < side:
        text = " ".join(words(rng, 4) for _ in range(3))
        lines += placed(written(text[: int(side / height)])[0], height, top, height)
        top += height * float(rng.choice([1.7, 1.7, 1.7, 3.4]))
    mask = inked(lines, (side, side), max(height * float(rng.uniform(0.08, 0.18)), 1.0))
    share = plane_of(_middle(mask.rotate(float(rng.uniform(-25, 25)), Image.Resampling.BILINEAR), size))[..., None]
    paper = board(size, np.clip(colour * np.float32(0.5) + np.float32(0.45), 0, 1), rng)
    return np.asarray(paper * (1 - share) + np.float32(0.04) * share, dtype=np.float32)


def _middle(mask: Image.Image, size: Size) -> Image.Image:
    left, top = (mask.width - size[0]) // 2, (mask.height - size[1]) // 2
    return mask.crop((left, top, left + size[0], top + size[1]))
