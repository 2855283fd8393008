"""What a fault is: a graded, seeded way to spoil a good photo."""

from collections.abc import Callable

import numpy as np
from PIL import Image

Fault = Callable[[Image.Image, float, np.random.Generator], Image.Image]
"""Takes an RGB photo, a severity of 0 (just noticeable) .. 1 (gross) and the draws; gives a new photo of its size."""


def between(mild: float, gross: float, severity: float) -> float:
    """The value at `severity` on a geometric way from `mild` to `gross`, both above 0."""
    return float(mild * (gross / mild) ** min(max(severity, 0.0), 1.0))
