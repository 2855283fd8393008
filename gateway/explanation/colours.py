"""The colours of a map: from deep blue by teal to yellow, brighter with each step.

Blue to yellow is told apart by people who do not tell red from green, and the brightness alone says it all to those
who see no colour; skin, being red and brown, has none of them.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from inference.preprocess import Tensor

Samples = NDArray[np.uint8]

_STOPS = (
    (0.00, (24, 44, 120)),
    (0.30, (30, 92, 178)),
    (0.55, (38, 150, 190)),
    (0.78, (120, 205, 160)),
    (1.00, (255, 236, 92)),
)
_UNSEEN, _FULL = 0.12, 0.75
"""Below the first a value is not painted, from the second on as thickly as it gets."""
_THICKEST, _THINNEST = 0.62, 0.34
"""Of a map of one place, and of one of a third of the frame or more: what lies beneath has to be seen."""
_LARGE = 0.33


@functools.cache
def ramp() -> Samples:
    """Give the colours of 0..1 in 256 steps: [256, 3]."""
    steps, places = np.linspace(0, 1, 256), [place for place, _ in _STOPS]
    channels = [np.interp(steps, places, [colour[channel] for _, colour in _STOPS]) for channel in range(3)]
    table = np.stack(channels, axis=1).round().astype(np.uint8)
    table.flags.writeable = False
    return table


def painted(plane: Tensor) -> Samples:
    """Give a map [h, w], 0..1, as RGBA [h, w, 4]."""
    values = np.clip(plane, 0, 1)
    thickness = np.clip((values - _UNSEEN) / (_FULL - _UNSEEN), 0, 1)
    smooth = thickness * thickness * (3 - 2 * thickness)
    most = np.interp(smooth.mean(), (0, _LARGE), (_THICKEST, _THINNEST))
    alpha = (smooth * most * 255).round().astype(np.uint8)
    return np.dstack([ramp()[(values * 255).round().astype(np.intp)], alpha])
