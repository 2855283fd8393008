"""Outlines as a few harmonics round a circle, drawn as polygons."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from trainer.synthetic.noise import Field

_POINTS = 96
_TURN = np.linspace(0, 2 * math.pi, _POINTS, endpoint=False)
_HARMONICS = np.arange(2, 20)


def outline(rng: np.random.Generator, wobble: float) -> NDArray[np.float64]:
    """Radius (about 1) at each of 96 directions: an ellipse with lobes and teeth as strong as `wobble`."""
    strengths = wobble * rng.normal(size=len(_HARMONICS)) / _HARMONICS**0.9
    strengths[0] += 0.12 * float(rng.uniform(0, 1))  # the ellipse
    phases = rng.uniform(0, 2 * math.pi, (len(_HARMONICS), 1))
    radius = np.clip(1 + strengths @ np.cos(_HARMONICS[:, None] * _TURN + phases), 0.3, 2.0)
    return np.asarray(radius / math.sqrt(float(np.mean(radius * radius))))


def filled(
    radii: NDArray[np.float64], side: int, radius_px: float, middle: tuple[float, float], blur_px: float
) -> Field:
    """The share of each pixel inside the outline (96 radii) round `middle` (pixels), [side, side], 0..1."""
    mask = Image.new("L", (side, side))
    x = middle[0] + radius_px * radii * np.cos(_TURN)
    y = middle[1] + radius_px * radii * np.sin(_TURN)
    ImageDraw.Draw(mask).polygon(np.stack([x, y], axis=1).ravel().tolist(), fill=255)
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(max(blur_px, 0.6))), dtype=np.float32) / np.float32(255)
