"""What families share: numbers of a photo and back, a sensor's grain, blending. Nothing here makes a fault."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.synthetic.noise import Field, octaves

Pixels = NDArray[np.float32]
"""[rows, columns, RGB], 0..255 unless said to be linear light."""


def pixels(photo: Image.Image) -> Pixels:
    """The photo's values of 0..255."""
    return np.asarray(photo, dtype=np.float32)


def photo_of(values: Pixels) -> Image.Image:
    """A photo from values of 0..255, clipped."""
    return Image.fromarray((np.clip(values, 0, 255) + np.float32(0.5)).astype(np.uint8))


def grained(values: Pixels, level: float, rng: np.random.Generator) -> Pixels:
    """Add a sensor's noise of deviation `level` (of 255), each colour for itself."""
    # Two uniform draws are near enough to a normal one, and several times cheaper.
    noise = rng.random(values.shape, dtype=np.float32)
    noise -= rng.random(values.shape, dtype=np.float32)
    noise *= np.float32(level * 6**0.5)
    return np.asarray(values + noise, dtype=np.float32)


def mixed(under: Pixels, over: Pixels, cover: Field) -> Pixels:
    """`over` laid on `under` where `cover` [rows, columns] is 1, neither where it is between."""
    return np.asarray(under + (over - under) * cover[..., None], dtype=np.float32)


def smoothstep(value: NDArray[np.floating[Any]]) -> Field:
    """0 up to 0, 1 from 1, smooth between."""
    clipped = np.clip(value, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped), dtype=np.float32)


def resized(field: Pixels | Field, size: tuple[int, int]) -> NDArray[np.float32]:
    """A field or a picture of floats at another `size` of (width, height)."""
    if field.ndim == 2:
        return np.array(Image.fromarray(field).resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    channels = [resized(np.ascontiguousarray(field[..., channel]), size) for channel in range(field.shape[2])]
    return np.stack(channels, axis=-1)


def clouds(rng: np.random.Generator, size: tuple[int, int], cell_px: float) -> Field:
    """Soft noise of unit deviation and one size of detail: what `lattice` draws, where no direction is wanted."""
    return octaves(rng, size, cell_px, cell_px)


def axes(size: tuple[int, int]) -> tuple[Field, Field]:
    """Columns x [1, width] and rows y [height, 1], from -0.5 to 0.5."""
    width, height = size
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5)) / np.float32(width) - np.float32(0.5)
    y = (np.arange(height, dtype=np.float32) + np.float32(0.5)) / np.float32(height) - np.float32(0.5)
    return x[None, :], y[:, None]


def as_jpeg(photo: Image.Image, quality: int) -> Image.Image:
    """The photo after a JPEG of `quality` (1..95)."""
    coded = io.BytesIO()
    photo.save(coded, "JPEG", quality=quality)
    with Image.open(coded) as decoded:
        return decoded.convert("RGB")
