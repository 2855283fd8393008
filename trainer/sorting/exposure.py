"""Too dark, too bright: shares of clipped samples, and the middle luminance in linear light."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.sorting.cielab import luminance_of

_WHITE = 250
_BLACK = 5


@dataclass(frozen=True, slots=True)
class Exposure:
    """Shares of pixels whose brightest sample is blown out and whose brightest is black; median of Y 0..1.

    `blown_by_channel` are the shares of blown-out red, green and blue samples.
    """

    blown_share: float
    black_share: float
    median_luminance: float
    blown_by_channel: tuple[float, float, float]


def exposure_of(rgb: NDArray[np.uint8]) -> Exposure:
    """Measure `rgb` [H, W, 3]. A pixel counts as blown out when two of its three samples are: red alone is skin."""
    blown = rgb >= _WHITE
    red, green, blue = blown.mean(axis=(0, 1)).tolist()
    return Exposure(
        blown_share=float((blown.sum(axis=2) >= 2).mean()),
        black_share=float((rgb.max(axis=2) <= _BLACK).mean()),
        median_luminance=float(np.median(luminance_of(rgb))),
        blown_by_channel=(red, green, blue),
    )
