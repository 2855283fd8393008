"""Outdoors: sky, hills one behind the other, ground, trees."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.synthetic.noise import octaves


def landscape(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Sky with clouds over two to five ridges, each textured, nearer ones darker; sometimes trunks in front."""
    width, height = size
    pixels = _sky(size, rng)
    layers = int(rng.integers(2, 6))
    ground = np.array([rng.uniform(20, 150), rng.uniform(50, 150), rng.uniform(10, 110)], dtype=np.float32)
    for layer in range(layers):
        level = height * (0.25 + 0.6 * (layer + float(rng.uniform(0, 0.8))) / layers)
        ridge = level + octaves(rng, (width, 1), width / 3, 2)[0] * height * 0.08
        below = np.arange(height, dtype=np.float32)[:, None] > ridge[None, :]
        nearer = (layer + 1) / layers
        colour = ground * np.float32(1.4 - 0.8 * nearer) + np.float32(60 * (1 - nearer))
        texture = 1 + np.float32(0.15 + 0.25 * nearer) * octaves(rng, size, width / 12, 1.5, 0.85)
        pixels = np.where(below[..., None], colour * texture[..., None], pixels)
    view = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.5:
        _trunks(view, rng)
    return view


def _sky(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    top = rng.uniform((20, 60, 110), (190, 190, 250)).astype(np.float32)
    bottom = rng.uniform((130, 140, 150), (255, 240, 240)).astype(np.float32)
    share = np.linspace(0, 1, size[1], dtype=np.float32)[:, None, None]
    clouds = np.clip(octaves(rng, size, size[0] / 3, 3), 0, 1.5)[..., None] * np.float32(rng.uniform(0, 90))
    return np.asarray(top * (1 - share) + bottom * share + clouds, dtype=np.float32)


def _trunks(view: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(view)
    for _ in range(int(rng.integers(2, 14))):
        x, lean = float(rng.uniform(0, view.width)), float(rng.normal(0, view.width * 0.05))
        dark = int(rng.integers(5, 90))
        wide = max(2, int(view.width * float(rng.uniform(0.005, 0.05))))
        draw.line((x, view.height, x + lean, 0), (dark, int(dark * 0.85), int(dark * 0.7)), wide)
