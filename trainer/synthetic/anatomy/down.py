"""Body hair as arcs of circles, drawn strand by strand and kept to the body."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from trainer.synthetic.anatomy.lab import Lab, linear
from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field

_FINER = 2
_MAX_STRANDS = 450


@dataclass(frozen=True, slots=True)
class Down:
    """`per_square_cm` strands about `bow_mm` in radius that sweep `sweep` degrees, combed towards `way` degrees."""

    per_square_cm: float
    bow_mm: float
    sweep: float
    way: float
    untidy: float
    width_mm: float
    colour: Lab


def any_down(rng: np.random.Generator, skin: Lab) -> Down:
    """None, some, or a lot; fair hair only on lighter skin, grey on any."""
    amount = float(rng.choice([0.0, rng.uniform(1, 8), rng.uniform(6, 40)], p=[0.4, 0.4, 0.2]))
    fair = skin.lightness > 58 and rng.random() < 0.45
    lightness = float(rng.uniform(38, 72) if fair else rng.uniform(3, 22))
    colour = Lab(80, 0, 3) if rng.random() < 0.08 else Lab(lightness, 6, 18 if fair else 6)
    return Down(
        per_square_cm=amount,
        bow_mm=float(rng.uniform(5, 25)),
        sweep=float(rng.uniform(20, 70)),
        way=float(rng.uniform(0, 360)),
        untidy=float(rng.uniform(10, 40)),
        width_mm=float(rng.uniform(0.03, 0.09)),
        colour=colour,
    )


def comb(picture: Picture, down: Down, rng: np.random.Generator, px_per_mm: float, body: Field) -> None:
    """Draw the strands into the picture in place, where `body` (0..1) is."""
    height, width = picture.shape[:2]
    area = width * height / (10 * px_per_mm) ** 2
    count = min(round(down.per_square_cm * area), _MAX_STRANDS)
    millimetre = px_per_mm * _FINER
    if count == 0 or down.width_mm * millimetre < 0.25:
        return
    mask = Image.new("L", (width * _FINER, height * _FINER))
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        _strand(draw, down, rng, (mask.width, mask.height), millimetre)
    share = np.asarray(mask.reduce(_FINER), dtype=np.float32) * (body / np.float32(255))
    picture += share[..., None] * (linear(down.colour) * np.float32(0.8) - picture)


def _strand(
    draw: ImageDraw.ImageDraw,
    down: Down,
    rng: np.random.Generator,
    size: tuple[int, int],
    millimetre: float,
) -> None:
    line = down.width_mm * millimetre
    bow = down.bow_mm * float(rng.uniform(0.5, 1.6)) * millimetre
    side = -1 if rng.random() < 0.5 else 1
    way = math.radians(down.way + float(rng.normal(0, down.untidy)))
    x, y = float(rng.uniform(0, size[0])), float(rng.uniform(0, size[1]))
    middle_x, middle_y = x - side * bow * math.sin(way), y + side * bow * math.cos(way)
    start = math.degrees(math.atan2(y - middle_y, x - middle_x))
    sweep = down.sweep * float(rng.uniform(0.3, 1.0))
    box = (middle_x - bow, middle_y - bow, middle_x + bow, middle_y + bow)
    strength = round(255 * min(1.0, 0.35 + line / 4))
    draw.arc(box, start, start + sweep, fill=strength // 2, width=max(1, round(line * 0.5)))
    draw.arc(box, start, start + sweep * 0.6, fill=strength, width=max(1, round(line)))
