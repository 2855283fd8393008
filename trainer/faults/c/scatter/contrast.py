"""How well a rash shows on its skin: difference of colour against what the skin itself varies by.

CIE 15:2018: L*a*b* from linear sRGB under D65.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.faults.c.pixels import Pixels, Plane, resized

LEAST_DIFFERENCE = 14.0
"""Of L*a*b*: a rash that differs less from even skin is not clearly seen at the size of a thumbnail."""

_AGAINST_SKIN = 2.0
_MOST_WANTED = 34.0
_MOST_POWER = 3.0
_MOST_POWER_OF_PALE = 1.3  # more is white paint
_USUAL_COVER = 0.7
_XYZ = np.array([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]])


def lab(light: Pixels) -> Pixels:
    """L*a*b* of linear light [..., RGB] of 0..1."""
    part = np.clip(light, 0, 1) @ _XYZ.T.astype(np.float32)
    root = np.where(part > 0.008856, np.cbrt(part), 7.787 * part + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Skin:
    """The skin's `usual` linear light [RGB], and the difference (L*a*b*) `wanted` of a rash to be seen on it."""

    usual: Pixels
    wanted: float


def skin_to_show_on(light: Pixels, share: Plane) -> Skin:
    """Of linear light, of which the `share` (coarse, 0..1) is skin."""
    height, width = share.shape
    seen = resized(light, (width, height), Image.Resampling.BOX)[::2, ::2]
    there = seen[share[::2, ::2] > 0.5]
    there = there if len(there) else seen.reshape(-1, 3)
    middle = np.median(there, axis=0).astype(np.float32)
    away = np.linalg.norm(lab(there) - lab(middle), axis=-1)
    return Skin(middle, float(np.clip(_AGAINST_SKIN * np.median(away), LEAST_DIFFERENCE, _MOST_WANTED)))


def strong_enough(pigment: Pixels, skin: Skin) -> Pixels:
    """The pigment (RGB ratios) made as strong as it takes to show on the skin; another where white or hue forbid it.

    A pigment that lightens cannot show on skin that is nearly white, nor one that only reddens on skin that is red.
    """
    for colour in (pigment, pigment * np.float32(0.75), np.array([0.5, 0.32, 0.26], dtype=np.float32)):
        for power in np.geomspace(1.0, _MOST_POWER if colour.mean() < 1 else _MOST_POWER_OF_PALE, 6):
            stronger = np.maximum(colour ** np.float32(power), np.float32(0.03))
            if difference(stronger, skin) >= skin.wanted:
                return np.asarray(stronger, dtype=np.float32)
    return np.array([0.12, 0.05, 0.04], dtype=np.float32)


def difference(pigment: Pixels, skin: Skin) -> float:
    """L*a*b* difference that a lesion of this pigment makes on the skin, at its usual cover."""
    shown = lab(skin.usual * pigment ** np.float32(_USUAL_COVER)) - lab(skin.usual)
    return math.sqrt(float((shown * shown).sum()))
