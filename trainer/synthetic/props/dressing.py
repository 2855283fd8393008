"""Gauze, and a sticking plaster, at the side of the frame."""

import numpy as np
from PIL import Image, ImageDraw

from trainer.synthetic.noise import octaves
from trainer.synthetic.props.place import Place

_PLASTERS = ((222, 184, 150), (205, 160, 120), (150, 108, 78), (240, 236, 228))


def gauze(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """A woven pad with loose threads at its edge, as RGBA."""
    pitch = max(float(rng.uniform(0.7, 1.3)) * place.px_per_mm, 2.2)
    x = np.arange(length, dtype=np.float32)[None, :] / np.float32(pitch)
    y = np.arange(depth, dtype=np.float32)[:, None] / np.float32(pitch)
    wave = octaves(rng, (length, depth), max(depth / 2, 8), max(depth / 12, 4))
    threads = np.maximum(np.cos(2 * np.pi * (x + 0.5 * wave)), np.cos(2 * np.pi * (y + 0.5 * wave)))
    level = np.clip(214 + 26 * threads + 9 * wave, 0, 255).astype(np.uint8)
    border = depth * float(rng.uniform(0.15, 0.45)) / pitch + wave * np.float32(0.8)
    share = np.clip((y - border) * 2, 0, 1) * np.clip(1.1 + 0.5 * threads, 0.55, 1)
    strip = Image.fromarray(np.stack([level, level, (level * 0.97).astype(np.uint8)], axis=2))
    strip.putalpha(Image.fromarray((share * 255).astype(np.uint8)))
    return strip


def plaster(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """The end of a sticking plaster with its rows of holes, as RGBA."""
    broad = float(rng.uniform(15, 24)) * place.px_per_mm
    if broad < 10 or depth < 12:
        return None
    strip = Image.new("RGBA", (length * 2, depth * 2))
    draw = ImageDraw.Draw(strip)
    colour = _PLASTERS[int(rng.integers(len(_PLASTERS)))]
    left, top = float(rng.uniform(-0.1, 0.7)) * strip.width, float(rng.uniform(0.15, 0.5)) * strip.height
    draw.rounded_rectangle((left, top, left + 2 * broad, strip.height * 2), radius=broad * 0.5, fill=(*colour, 255))
    hole, gap = max(1.0, broad * 0.025), max(broad * 0.22, 5.0)
    dark = tuple(int(level * 0.75) for level in colour)
    for row in range(1, min(int(strip.height / gap) + 1, 40)):
        for column in range(1, 9):
            x, y = left + column * gap, top + row * gap
            draw.ellipse((x - hole, y - hole, x + hole, y + hole), fill=(*dark, 255))
    turned = strip.rotate(float(rng.normal(0, 12)), Image.Resampling.BILINEAR, center=(left + broad, strip.height))
    return turned.reduce(2)
