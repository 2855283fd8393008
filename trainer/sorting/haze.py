"""A veil over the photo: a greasy lens, breath, backlight."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_PATCH_REACH = 3
_LOW, _HIGH = 0.05, 0.95


def haze_of(rgb: NDArray[np.uint8]) -> float:
    """Veil 0 (none) .. 1 of `rgb` [H, W, 3]: the darkest that the photo gets against the brightest.

    The dark channel (He, Sun and Tang, CVPR 2009: the least sample of a neighbourhood) of a clear close-up comes near
    black somewhere, in hair, pores, lesion or shade; a veil lifts it. Its 5th percentile over the luma's 95th.
    """
    image = Image.fromarray(rgb)
    least = Image.fromarray(rgb.min(axis=2)).filter(ImageFilter.MinFilter(2 * _PATCH_REACH + 1))
    bright = float(np.quantile(np.asarray(image.convert("L")), _HIGH))
    return float(np.quantile(np.asarray(least), _LOW)) / max(bright, 1.0)


def contrast_of(luma: NDArray[np.float32]) -> float:
    """Span of the luma 0..255 from its 2nd to its 98th percentile, 0..1."""
    low, high = np.quantile(luma[::2, ::2], (0.02, 0.98))
    return float(high - low) / 255
