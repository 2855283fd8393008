"""Colours as the eye weighs them: sRGB (IEC 61966-2-1) to linear light and CIELAB (CIE 15, white D65)."""

import numpy as np
from numpy.typing import NDArray

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)
_WHITE = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)
_CODES = np.arange(256, dtype=np.float64) / 255
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_KNEE = (6 / 29) ** 3


def linear_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light 0..1 of 8-bit sRGB samples, any shape."""
    return _LINEAR[rgb]


def luminance_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Relative luminance Y 0..1 [...] of sRGB [..., 3]."""
    return np.asarray(linear_of(rgb) @ _TO_XYZ[1])


def lab_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIELAB [..., 3] of sRGB [..., 3]: L 0..100, a and b about -110..110."""
    xyz = linear_of(rgb) @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > _KNEE, np.cbrt(xyz), xyz * np.float32(841 / 108) + np.float32(4 / 29))
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)
