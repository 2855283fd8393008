"""Pictures as arrays, in linear light where light is added or taken away, and back."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.float32]
"""[rows, columns, RGB]; linear light or sRGB-coded, 0..1 as said."""

Plane = NDArray[np.float32]
"""One value per pixel, [rows, columns]."""

Size = tuple[int, int]
"""Width and height in pixels."""

_STEPS = 8191


def _decoded(coded: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def _encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


_TO_LINEAR = _decoded(np.arange(256) / 255).astype(np.float32)
_TO_CODED = np.round(_encoded(np.arange(_STEPS + 1) / _STEPS) * 255).astype(np.uint8)


def light_of(photo: Image.Image) -> Pixels:
    """Linear light of an RGB photo, 0..1 (IEC 61966-2-1)."""
    return np.asarray(_TO_LINEAR[np.asarray(photo)], dtype=np.float32)


def photo_of_light(light: Pixels) -> Image.Image:
    """RGB photo of linear light; what is beyond black and white is clipped."""
    return Image.fromarray(_TO_CODED[(np.clip(light, 0, 1) * np.float32(_STEPS) + np.float32(0.5)).astype(np.uint16)])


def coded_of(photo: Image.Image) -> Pixels:
    """sRGB-coded values of an RGB photo, 0..1."""
    return np.asarray(photo, dtype=np.float32) / np.float32(255)


def photo_of_coded(coded: Pixels) -> Image.Image:
    """RGB photo of sRGB-coded values; what is beyond black and white is clipped."""
    return Image.fromarray((np.clip(coded, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8))


def mask_of(plane: Plane) -> Image.Image:
    """A plane of 0..1 as an "L" mask."""
    return Image.fromarray((np.clip(plane, 0, 1) * np.float32(255)).astype(np.uint8))


def plane_of(mask: Image.Image) -> Plane:
    """An "L" mask as a plane of 0..1."""
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


def resized(pixels: Pixels, size: Size, resample: Image.Resampling = Image.Resampling.BICUBIC) -> Pixels:
    """Float pixels [rows, columns, channels] resampled to `size`."""
    planes = [resized_plane(pixels[..., channel], size, resample) for channel in range(pixels.shape[2])]
    return np.stack(planes, axis=-1)


def resized_plane(plane: Plane, size: Size, resample: Image.Resampling = Image.Resampling.BICUBIC) -> Plane:
    """One float plane resampled to `size`."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize(size, resample), dtype=np.float32)


def recompressed(photo: Image.Image, quality: int) -> Image.Image:
    """The photo after being saved as JPEG of `quality` (1..95)."""
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def grained(photo: Image.Image, level: float, rng: np.random.Generator) -> Image.Image:
    """Sensor noise of `level` (of 255; 0 for none): mostly brightness, less colour, less of it where it is bright."""
    if level <= 0:
        return photo
    coded = coded_of(photo)
    noise = rng.standard_normal(coded.shape, dtype=np.float32)
    noise += np.float32(0.6) * (noise[..., 0] + noise[..., 1] + noise[..., 2])[..., None]
    noise *= np.float32(level / 255 / 1.8)
    noise *= np.float32(1.3) - np.float32(0.6) * coded
    return photo_of_coded(coded + noise)
