"""Pictures with the statistics of nature but of nothing: overlapping textured shapes, and coloured noise.

Lee, Mumford, Huang: "Occlusion Models for Natural Images", IJCV 2001 (dead leaves).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.synthetic.noise import octaves


def dead_leaves(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Shapes of all sizes over each other, each in one colour of a small palette, textured."""
    width, height = size
    palette = rng.integers(0, 256, (int(rng.integers(3, 9)), 3))
    view = Image.new("RGB", size, tuple(int(v) for v in palette[0]))
    draw = ImageDraw.Draw(view)
    largest, smallest = min(size) * rng.uniform(0.2, 0.5), min(size) * 0.015
    for _ in range(int(rng.integers(60, 500))):
        radius = smallest * (largest / smallest) ** float(rng.power(0.5))
        _leaf(draw, (float(rng.uniform(0, width)), float(rng.uniform(0, height))), radius, palette, rng)
    return _textured(view, rng)


def coloured_noise(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Clouds, fur or marble: noise of a drawn roughness through a drawn colour ramp."""
    persistence = float(rng.uniform(0.5, 0.95))
    field = octaves(rng, size, min(size) / float(rng.uniform(1.5, 8)), 1.5, persistence)
    other = octaves(rng, size, min(size) / float(rng.uniform(1.5, 8)), 1.5, persistence)
    ends = rng.uniform(0, 255, (3, 3)).astype(np.float32)
    first = 1 / (1 + np.exp(-2.5 * field))[..., None]
    second = 1 / (1 + np.exp(-2.5 * other))[..., None]
    pixels = ends[0] * first + ends[1] * (1 - first) * second + ends[2] * (1 - first) * (1 - second)
    return Image.fromarray(pixels.astype(np.uint8))


def _leaf(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    radius: float,
    palette: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    base = palette[int(rng.integers(len(palette)))] * float(rng.uniform(0.6, 1.3))
    colour = tuple(int(v) for v in np.clip(base, 0, 255))
    corners = int(rng.integers(3, 12))
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.5, 1.3, corners)
    points = [
        (centre[0] + float(r * np.cos(t)), centre[1] + float(r * np.sin(t))) for r, t in zip(reach, turn, strict=True)
    ]
    draw.polygon(points, fill=colour)


def _textured(view: Image.Image, rng: np.random.Generator) -> Image.Image:
    shade = 1 + np.float32(rng.uniform(0.03, 0.25)) * octaves(rng, view.size, min(view.size) / 6, 1.5, 0.8)
    pixels = np.asarray(view, dtype=np.float32) * shade[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
