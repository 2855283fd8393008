"""What of a photo has the colour of skin, of any tone and under lamps of any colour."""

import numpy as np

from trainer.sorting.views import Floats, Mask

# CIELAB hue of skin lies between red and yellow whatever its tone (Chardon 1991 and later use L and b alone, the ITA);
# lamps turn it further. The darker or paler, the less chroma.
_HUE_LOW, _HUE_HIGH = -20.0, 92.0
_LEAST_CHROMA, _MOST_CHROMA = 3.5, 68.0
_DARKEST, _BRIGHTEST = 8.0, 97.0
_WITHIN = 32.0


def skin_mask(lab: Floats) -> Mask:
    """Pixels [H, W] of `lab` [H, W, 3] that have a colour of skin and lie near the most common one of them."""
    candidates = _skin_coloured(lab)
    if not candidates.any():
        return candidates
    typical = np.median(lab[candidates], axis=0)
    away = lab - typical
    # Light and shade change L much more than a and b.
    distance = np.sqrt((away[..., 0] * 0.5) ** 2 + away[..., 1] ** 2 + away[..., 2] ** 2)
    return np.asarray(candidates & (distance < _WITHIN))


def tone_angle(lab: Floats, skin: Mask) -> float:
    """Individual typology angle in degrees of the skin: over 55 very light .. under -30 dark; 0 without skin."""
    if not skin.any():
        return 0.0
    lightness, _, yellow = np.median(lab[skin], axis=0).tolist()
    return float(np.degrees(np.arctan2(lightness - 50, yellow)))


def colour_spread(lab: Floats) -> float:
    """How many colours the frame [H, W, 3] shows: the mean over a and b of their 2nd to 98th percentile."""
    low, high = np.quantile(lab[..., 1:].reshape(-1, 2), (0.02, 0.98), axis=0)
    return float((high - low).mean())


def _skin_coloured(lab: Floats) -> Mask:
    lightness, red, yellow = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(red, yellow)
    hue = np.degrees(np.arctan2(yellow, red))
    return np.asarray(
        (hue > _HUE_LOW)
        & (hue < _HUE_HIGH)
        & (chroma > _LEAST_CHROMA)
        & (chroma < _MOST_CHROMA)
        & (lightness > _DARKEST)
        & (lightness < _BRIGHTEST)
    )
