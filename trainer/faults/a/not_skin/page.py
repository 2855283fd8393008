"""A page of text, a screen, a form."""

import string

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.fonts import font
from trainer.synthetic.noise import lattice


def text_page(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Lines of words on paper, a little turned, in uneven light; now and then light on dark."""
    paper, ink = rng.integers(205, 256, 3), rng.integers(0, 80, 3)
    if rng.random() < 0.25:
        paper, ink = ink, paper
    view = Image.new("RGB", size, tuple(int(v) for v in paper))
    _write(view, tuple(int(v) for v in ink), rng)
    turned = view.rotate(float(rng.uniform(-12, 12)), Image.Resampling.BILINEAR, fillcolor=tuple(int(v) for v in paper))
    shade = np.clip(0.9 + 0.12 * lattice(rng, size, max(size) / 2), 0.4, 1.1)[..., None]
    return Image.fromarray(np.clip(np.asarray(turned, dtype=np.float32) * shade, 0, 255).astype(np.uint8))


def _write(view: Image.Image, ink: tuple[int, ...], rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(view)
    size_px = max(8, int(min(view.size) * float(rng.uniform(0.02, 0.08))))
    letters = list(string.ascii_lowercase * 4 + string.ascii_uppercase + string.digits + " " * 24 + ".,")
    per_line = int(view.width / (size_px * 0.5))
    y = size_px
    while y < view.height:
        line = "".join(rng.choice(letters, int(per_line * float(rng.uniform(0.3, 1.0)))))
        draw.text((view.width * 0.04, y), line, ink, font(size_px))
        y += int(size_px * float(rng.choice([1.3, 1.3, 1.3, 2.4])))
