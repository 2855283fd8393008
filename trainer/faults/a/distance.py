"""Taken from too far away: the photo becomes a small part of more of the same skin."""

import numpy as np
from PIL import Image

from trainer.faults.a.texture import calmest_corner, feathered, more_skin
from trainer.faults.fault import between


def lesion_too_small(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Shrink the photo to a quarter (mild) or a twelfth (gross) of its sides, within more skin."""
    return from_further(photo, between(0.25, 0.08, severity), rng)


def from_further(photo: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    """Give the photo as a part of `share` (0..1) of the sides of a wider view of the same size.

    A share near 1 leaves the lesion large: the same change without the fault.
    """
    width, height = photo.size
    small = (max(int(width * share), 12), max(int(height * share), 12))
    shrunk = photo.resize(small, Image.Resampling.LANCZOS, reducing_gap=3.0)
    view = more_skin(calmest_corner(shrunk), (width, height), rng)
    place = (
        int((width - small[0]) * rng.uniform(0.15, 0.85)),
        int((height - small[1]) * rng.uniform(0.15, 0.85)),
    )
    view.paste(shrunk, place, feathered(small, rng))
    return view
