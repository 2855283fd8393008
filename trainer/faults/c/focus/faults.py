"""The photo is not sharp: a lens or a hand by its point spread, glass that is not clean, or a phone's own doing."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.c.choice import one_of
from trainer.faults.c.focus.glass import fingerprint, haze, wet_lens
from trainer.faults.c.focus.phone import enlarged, painted, wrong_plane
from trainer.faults.c.focus.spread import astigmatic, ghost, iris, moffat, reduction_for, shake, through
from trainer.faults.c.pixels import Plane, grained
from trainer.faults.fault import Fault, between

Spread = Callable[[float, np.random.Generator], Plane]

_MILD, _GROSS = 0.0045, 0.03  # radius of a flat disc as blurred, in short sides


def by_spread(spread: Spread, width: float) -> Fault:
    """A fault that blurs by a kind of point spread, `width` times the usual radius."""

    def fault(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
        radius_px = max(between(_MILD, _GROSS, severity) * min(photo.size) * width, 0.6)
        # Phones smooth noise away and pictures are scaled down: real soft photos mostly show none.
        return grained(spread_by(photo, spread, radius_px, rng), max(0.0, float(rng.uniform(-1.0, 1.2))), rng)

    return fault


def spread_by(photo: Image.Image, spread: Spread, radius_px: float, rng: np.random.Generator) -> Image.Image:
    """The photo through a spread of `radius_px`, worked out on a smaller picture where that is not seen."""
    reduction = reduction_for(radius_px)
    small = photo.reduce(reduction) if reduction > 1 else photo
    blurred = through(small, spread(radius_px / reduction, rng))
    return blurred.resize(photo.size, Image.Resampling.BICUBIC) if reduction > 1 else blurred


out_of_focus = one_of(
    by_spread(iris, 1.0),
    by_spread(iris, 1.0),
    by_spread(moffat, 0.62),
    by_spread(astigmatic, 0.9),
    by_spread(shake, 1.7),
    by_spread(shake, 1.7),
    by_spread(ghost, 1.3),
    haze,
    fingerprint,
    wet_lens,
    painted,
    enlarged,
    wrong_plane,
    wrong_plane,
)
