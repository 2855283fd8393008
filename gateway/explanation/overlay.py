"""A map over its photo, with what it means in a strip below; or the map alone."""

import io

import numpy as np
from PIL import Image

from gateway.explanation.colours import painted
from gateway.explanation.legend import PAPER, Legend, strip
from inference.preprocess import Tensor

MOST_SIDE, LEAST_SIDE = 1280, 640
"""Pixels on the long side of what is drawn, whatever the photo has."""

LEAST_WIDTH = 480
"""Of what is drawn in all: words need room, also below a photo that is high and narrow."""

_COMPRESSION = 6
_OUTLINE = ((2.4, (16, 20, 28), 0.55), (1.1, (255, 255, 255), 0.95))
"""Half width in pixels of 640, colour, opacity: light on dark is seen on any skin."""
_FLAT = 1e-4


def shown_size(width: int, height: int) -> tuple[int, int]:
    """Give the size in which a photo is drawn, in its own proportions."""
    longest = max(width, height)
    scale = min(max(longest, LEAST_SIDE), MOST_SIDE) / longest
    return max(1, round(width * scale)), max(1, round(height * scale))


def heat(plane: Tensor | None, size: tuple[int, int]) -> Image.Image:
    """Give a map alone, transparent where it says nothing: RGBA of `size`; wholly so without a map."""
    if plane is None:
        return Image.new("RGBA", size)
    return Image.fromarray(painted(_enlarged(plane, size)), "RGBA")


def overlay(photo: Image.Image, plane: Tensor | None, level: float, legend: Legend) -> Image.Image:
    """Give an upright RGB photo with the map over it, outlined at `level`, and the legend below: RGB."""
    shown = photo.resize(shown_size(*photo.size), Image.Resampling.LANCZOS)
    if plane is not None:
        shown = Image.alpha_composite(shown.convert("RGBA"), heat(plane, shown.size)).convert("RGB")
        _outline(shown, plane, level)
    width = max(shown.width, LEAST_WIDTH)
    words = strip(legend, width, min(max(shown.size) / LEAST_SIDE, width / LEAST_WIDTH))
    sheet = Image.new("RGB", (width, shown.height + words.height), PAPER)
    sheet.paste(shown, ((width - shown.width) // 2, 0))
    sheet.paste(words, (0, shown.height))
    return sheet


def as_png(image: Image.Image) -> bytes:
    """Give the picture as a file."""
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=_COMPRESSION)
    return target.getvalue()


def _enlarged(plane: Tensor, size: tuple[int, int]) -> Tensor:
    return np.asarray(Image.fromarray(plane, "F").resize(size, Image.Resampling.BICUBIC))


def _outline(image: Image.Image, plane: Tensor, level: float) -> None:
    """Draw the region's edge."""
    values = _enlarged(plane, image.size)
    slope = np.hypot(*np.gradient(values)) + _FLAT
    away = np.abs(values - level) / slope  # pixels from the edge
    for width, colour, opacity in _OUTLINE:
        line = np.clip(width * max(image.size) / LEAST_SIDE + 0.5 - away, 0, 1) * opacity * 255
        image.paste(colour, mask=Image.fromarray(line.astype(np.uint8), "L"))
