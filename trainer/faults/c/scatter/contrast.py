"""How well a rash shows on its skin: difference of colour against what the skin itself varies by.

CIE 15:2018: L*a*b* from linear sRGB under D65.
"""

import math

import numpy as np
from PIL import Image

from trainer.faults.c.pixels import Pixels, Plane, resized

LEAST_DIFFERENCE = 14.0
"""Of L*a*b*: a rash that differs less from even skin is not clearly seen at the size of a thumbnail."""

_AGAINST_SKIN = 2.0
_MOST_WANTED = 34.0
_COARSE_PX = 48
_USUAL_COVER = 0.7
_XYZ = np.array([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]])


def lab(light: Pixels) -> Pixels:
    """L*a*b* of linear light [..., RGB] of 0..1."""
    part = np.clip(light, 0, 1) @ _XYZ.T.astype(np.float32)
    root = np.where(part > 0.008856, np.cbrt(part), 7.787 * part + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def wanted(light: Pixels, skin: Plane) -> float:
    """Difference (L*a*b*) that a rash needs to be seen on linear light, of which `skin` (coarse, 0..1) is skin."""
    seen = lab(_coarse(light))
    share = np.asarray(Image.fromarray(skin).resize((seen.shape[1], seen.shape[0])), dtype=np.float32) > 0.5
    there = seen[share] if share.any() else seen.reshape(-1, 3)
    away = np.linalg.norm(there - np.median(there, axis=0), axis=-1)
    return float(np.clip(_AGAINST_SKIN * np.median(away), LEAST_DIFFERENCE, _MOST_WANTED))


def usual(light: Pixels, skin: Plane) -> Pixels:
    """The skin's usual linear light [RGB]."""
    seen = _coarse(light)
    share = np.asarray(Image.fromarray(skin).resize((seen.shape[1], seen.shape[0])), dtype=np.float32) > 0.5
    return np.asarray(np.median(seen[share] if share.any() else seen.reshape(-1, 3), axis=0), dtype=np.float32)


def strong_enough(pigment: Pixels, usual_light: Pixels, least: float) -> Pixels:
    """The pigment (RGB ratios) made as strong as it takes to differ by `least`; another where white or hue forbid it.

    A pigment that lightens cannot show on skin that is nearly white, nor one that only reddens on skin that is red.
    """
    for colour in (pigment, pigment * np.float32(0.75), np.array([0.5, 0.32, 0.26], dtype=np.float32)):
        for power in np.geomspace(1.0, 3.0, 6):
            stronger = np.maximum(colour ** np.float32(power), np.float32(0.03))
            if difference(stronger, usual_light) >= least:
                return np.asarray(stronger, dtype=np.float32)
    return np.array([0.12, 0.05, 0.04], dtype=np.float32)


def difference(pigment: Pixels, usual_light: Pixels) -> float:
    """L*a*b* difference that a lesion of this pigment makes on the skin, at its usual cover."""
    shown = lab(usual_light * pigment ** np.float32(_USUAL_COVER)) - lab(usual_light)
    return math.sqrt(float((shown * shown).sum()))


def _coarse(light: Pixels) -> Pixels:
    height, width = light.shape[:2]
    scale = min(1.0, _COARSE_PX / max(height, width))
    return resized(light, (max(int(width * scale), 4), max(int(height * scale), 4)), Image.Resampling.BOX)
