"""Pictures made on the spot, and the same as files."""

import io
from typing import Any

import numpy as np
from PIL import Image


def gradient(width: int = 320, height: int = 240) -> Image.Image:
    """Red grows to the right, green downwards, blue is a quarter disc at the top left: no symmetry at all."""
    y, x = np.mgrid[0:height, 0:width]
    blue = np.hypot(x / width, y / height) < 0.5
    samples = np.stack([x * 255 // (width - 1), y * 255 // (height - 1), blue * 255], axis=-1)
    return Image.fromarray(samples.astype(np.uint8))


def encoded(image: Image.Image, kind: str, *, orientation: int | None = None, **options: Any) -> bytes:
    """The picture as a file of the Pillow format `kind`, with an EXIF orientation if one is given."""
    if orientation is not None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
