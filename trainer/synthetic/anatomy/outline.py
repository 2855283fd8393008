"""Outlines as a few harmonics round a circle, drawn as polygons."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from trainer.synthetic.noise import Field

_POINTS = 96


def outline(rng: np.random.Generator, wobble: float) -> NDArray[np.float64]:
    """Radius (about 1) at each of 96 directions: an ellipse with lobes and teeth as strong as `wobble`."""
    turn = np.linspace(0, 2 * math.pi, _POINTS, endpoint=False)
    radius = 1 + 0.12 * float(rng.uniform(0, 1)) * np.cos(2 * turn + float(rng.uniform(0, 6.3)))
    for harmonic in range(2, 20):
        strength = wobble * float(rng.normal()) / harmonic**0.9
        radius = radius + strength * np.cos(harmonic * turn + float(rng.uniform(0, 6.3)))
    radius = np.clip(radius, 0.3, 2.0)
    return np.asarray(radius / math.sqrt(float(np.mean(radius * radius))))


def filled(
    radii: NDArray[np.float64], side: int, radius_px: float, middle: tuple[float, float], blur_px: float
) -> Field:
    """The share of each pixel inside the outline round `middle` (pixels), [side, side], 0..1."""
    mask = Image.new("L", (side, side))
    turn = np.linspace(0, 2 * math.pi, len(radii), endpoint=False)
    x = middle[0] + radius_px * radii * np.cos(turn)
    y = middle[1] + radius_px * radii * np.sin(turn)
    ImageDraw.Draw(mask).polygon([(float(a), float(b)) for a, b in zip(x, y, strict=True)], fill=255)
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(max(blur_px, 0.6))), dtype=np.float32) / np.float32(255)
