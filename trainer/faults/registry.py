"""Every fault by its reason code, and the one way to apply them."""

import numpy as np
from PIL import Image

from trainer.faults.distance import lesion_too_small
from trainer.faults.exposure import overexposed, underexposed
from trainer.faults.fault import Fault
from trainer.faults.focus import out_of_focus
from trainer.faults.not_skin.scenes import not_skin
from trainer.faults.scatter import scattered_lesions
from trainer.faults.watermark import watermark

FAULTS: dict[str, Fault] = {
    "lesion_too_small": lesion_too_small,
    "scattered_lesions": scattered_lesions,
    "out_of_focus": out_of_focus,
    "watermark": watermark,
    "underexposed": underexposed,
    "overexposed": overexposed,
    "not_skin": not_skin,
}
"""Reason code -> fault, in the order of the suitability labels after `usable`."""

MIN_SIDE_PIXELS = 64


def spoil(photo: Image.Image, code: str, severity: float, seed: int) -> Image.Image:
    """Give a spoilt copy of `photo` (RGB): same photo, code, severity (0..1) and seed, same pixels.

    Raises KeyError for an unknown code, ValueError for a photo under 64 pixels or a severity outside 0..1.
    """
    fault = FAULTS[code]
    if min(photo.size) < MIN_SIDE_PIXELS:
        raise ValueError(f"a photo to spoil needs {MIN_SIDE_PIXELS} pixels on its short side")
    if not 0 <= severity <= 1:
        raise ValueError("severity must be 0 to 1")
    return fault(photo.convert("RGB"), severity, np.random.default_rng([seed, list(FAULTS).index(code)]))
