"""Colours of skin over the whole range of tones, in linear light."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]
Picture = NDArray[np.float32]
"""Linear light, [rows, columns, RGB], 1.0 is the sensor's white."""

_TONES_SRGB = np.array(
    [
        (247, 219, 203),
        (237, 194, 170),
        (222, 171, 138),
        (198, 141, 106),
        (160, 108, 77),
        (116, 75, 53),
        (74, 48, 38),
    ],
    dtype=np.float32,
)
"""From very light to very dark: about the middle of each of Fitzpatrick I-VI, with one step more."""


def to_linear(srgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of 0..255 as linear light of 0..1 (gamma 2.2, close enough to IEC 61966-2-1 for drawing)."""
    return np.asarray(np.power(srgb / np.float32(255), np.float32(2.2)), dtype=np.float32)


def to_srgb(linear: Picture) -> NDArray[np.uint8]:
    """Linear light as 8-bit picture, clipped to white and black."""
    encoded = np.power(np.clip(linear, 0, 1), np.float32(1 / 2.2))
    return (encoded * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def skin_colour(tone: float, redness: float, yellowness: float) -> NDArray[np.float32]:
    """Linear RGB of a `tone` in 0 (lightest) .. 1 (darkest), turned by `redness` and `yellowness` of -1..1."""
    position = float(np.clip(tone, 0, 1)) * (len(_TONES_SRGB) - 1)
    below = min(int(position), len(_TONES_SRGB) - 2)
    share = np.float32(position - below)
    srgb = _TONES_SRGB[below] * (1 - share) + _TONES_SRGB[below + 1] * share
    turn = np.array([1 + 0.02 * redness, 1 - 0.07 * redness, 1 - 0.05 * redness - 0.10 * yellowness], dtype=np.float32)
    return to_linear(np.clip(srgb * turn, 0, 255).astype(np.float32))


_STEPS = 4096


def developed(linear: Picture, curve: Callable[[Curve], Curve], brightest: float) -> NDArray[np.uint8]:
    """Linear light of 0..`brightest` as 8-bit picture through a tone curve (linear in, 0..1 out), by a table.

    Within a level of `to_srgb` for the curve that changes nothing, and several times as fast. Overwrites `linear`.
    """
    np.clip(linear, 0, brightest, out=linear)
    index = np.sqrt(linear, out=linear)
    index *= np.float32((_STEPS - 1) / brightest**0.5)
    index += np.float32(0.5)
    roots = np.linspace(0, brightest**0.5, _STEPS)
    table = np.round(255 * np.power(np.clip(curve(roots * roots), 0, 1), 1 / 2.2)).astype(np.uint8)
    return np.asarray(table[index.astype(np.uint16)])
