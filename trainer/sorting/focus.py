"""How sharp a photo is, whatever its size, contrast and content: the blur of its edges as a share of the short side.

Where an edge was blurred by s0, its gradient after two further Gaussian blurs a < b falls by
r = sqrt((s0² + b²) / (s0² + a²)) (the re-blurring of Zhuo and Sim, Pattern Recognition 44, 2011). r does not depend
on the edge's contrast, and a and b being shares of the short side, hardly on the photo's size. Of the strongest fifth
of the edges at scale b the 90th percentile of r speaks: the sharpest structures a photo has where it shows something.
"""

import math
from dataclasses import dataclass

import numpy as np

from trainer.sorting.blur import Floats, gaussian, gradient_energy
from trainer.sorting.views import Mask

FINE_BLUR = 0.8 / 300
COARSE_BLUR = 1.5 / 300
"""The two re-blurs, as shares of the short side."""

_STRONGEST = 0.8
_PERCENTILE = 0.9
_LEAST_ENERGY = 0.05  # squared levels of 255 a pixel: a gradient below is rounding, not an edge
_LEAST_EDGES = 24


@dataclass(frozen=True, slots=True, eq=False)
class FocusMap:
    """Gradient energies [H, W] of a photo after the fine and the coarse re-blur, on the same pixels."""

    fine: Floats
    coarse: Floats


def focus_map(luma: Floats) -> FocusMap:
    """Re-blur `luma` [H, W] 0..255 twice, the second time from the first."""
    side = min(luma.shape)
    fine = gaussian(luma, FINE_BLUR * side)
    coarse = gaussian(fine, math.sqrt(COARSE_BLUR**2 - FINE_BLUR**2) * side)
    return FocusMap(gradient_energy(fine), gradient_energy(coarse))


def focus_of(energies: FocusMap, within: Mask | None = None) -> float:
    """Sharpness of the photo, or of its part `within` [H, W]: r - 1.

    0 is gross blur, about 1 usual; a perfect edge has 0.875, perfect lines and points (hair, glints) have more.

    0 where there are no edges at all: a photo that shows nothing is not in focus on anything.
    """
    fine, coarse = energies.fine[1:-1, 1:-1], energies.coarse[1:-1, 1:-1]
    if within is not None:
        inside = within[1:-1, 1:-1]
        fine, coarse = fine[inside], coarse[inside]
    fine, coarse = fine.ravel(), coarse.ravel()
    if coarse.size < _LEAST_EDGES:
        return 0.0
    strong = coarse >= max(float(np.quantile(coarse, _STRONGEST)), _LEAST_ENERGY)
    if int(strong.sum()) < _LEAST_EDGES:
        return 0.0
    ratio = np.sqrt(np.quantile(fine[strong] / coarse[strong], _PERCENTILE))
    return max(0.0, float(ratio) - 1)


def sharpness_plane(energies: FocusMap) -> tuple[Floats, Floats]:
    """Where the photo is how sharp: sharpness [H, W] 0..1 (1 = usual) and how much edge there is to say so, 0..1."""
    side = min(energies.fine.shape)
    fine, coarse = (gaussian(one, 0.014 * side) for one in (energies.fine, energies.coarse))
    focus = np.sqrt(fine / np.maximum(coarse, _LEAST_ENERGY)) - 1
    strong = float(np.quantile(coarse, 0.9))
    weight = np.clip(coarse / max(strong, 4 * _LEAST_ENERGY), 0, 1) * 0.8
    return np.clip(focus, 0, 1), weight.astype(np.float32)
