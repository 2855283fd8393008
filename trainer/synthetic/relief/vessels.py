"""Fine vessels that branch like a tree, as on a basal cell carcinoma or a weathered cheek."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.synthetic.noise import Field

_FINER = 2
_MAX_BRANCHES = 90

_Branch = tuple[float, float, float, float, float]
"""Start x and y, heading, length and thickness, in pixels."""


def tree_of_vessels(rng: np.random.Generator, side: int, trunks: int) -> Field:
    """How much blood lies in vessels, 0..1, [side, side]; the trunks come in from the rim."""
    mask = Image.new("L", (side * _FINER, side * _FINER))
    draw = ImageDraw.Draw(mask)
    growing = [_trunk(rng, side * _FINER) for _ in range(trunks)]
    drawn = 0
    while growing and drawn < _MAX_BRANCHES:
        growing.extend(_draw_branch(draw, rng, growing.pop()))
        drawn += 1
    soft = mask.filter(ImageFilter.GaussianBlur(side / 260 + 0.5)).reduce(_FINER)
    return np.asarray(soft, dtype=np.float32) / np.float32(255)


def _trunk(rng: np.random.Generator, side: int) -> _Branch:
    turn = float(rng.uniform(0, 2 * math.pi))
    radius = side * 0.24
    inward = turn + math.pi + float(rng.normal(0, 0.6))
    x, y = side / 2 + radius * math.cos(turn), side / 2 + radius * math.sin(turn)
    return x, y, inward, side * float(rng.uniform(0.12, 0.3)), max(side / 150 * float(rng.uniform(0.6, 1.3)), 1.0)


def _draw_branch(draw: ImageDraw.ImageDraw, rng: np.random.Generator, branch: _Branch) -> list[_Branch]:
    """Draw one wavering branch; return those that leave it."""
    x, y, heading, length, width = branch
    steps = 9
    twigs = []
    for _ in range(steps):
        heading += float(rng.normal(0, 0.35))
        onward = (x + length / steps * math.cos(heading), y + length / steps * math.sin(heading))
        draw.line([(x, y), onward], fill=round(255 * min(1.0, width / 2)), width=max(1, round(width)))
        x, y = onward
        if rng.random() < 0.16:
            side = heading + float(rng.choice([-1, 1])) * float(rng.uniform(0.5, 1.1))
            twigs.append((x, y, side, length * 0.55, width * 0.7))
    return twigs
