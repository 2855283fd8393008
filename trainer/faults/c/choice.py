"""One of several ways to make a fault, drawn first, so that severity alone never changes which."""

import numpy as np
from PIL import Image

from trainer.faults.fault import Fault


def one_of(*methods: Fault) -> Fault:
    """A fault that draws one of `methods` and applies it; naming one twice doubles its share."""

    def fault(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
        method = methods[int(rng.integers(len(methods)))]
        return method(photo.convert("RGB"), severity, rng)

    return fault
