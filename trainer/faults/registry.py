"""The families of faults by name, and the one way to apply them."""

import numpy as np
from PIL import Image

from trainer.faults.a.family import FAMILY as FAMILY_A
from trainer.faults.b.family import FAMILY as FAMILY_B
from trainer.faults.c.family import FAMILY as FAMILY_C
from trainer.faults.family import Family

FAMILIES: dict[str, Family] = {family.name: family for family in (FAMILY_A, FAMILY_B, FAMILY_C)}

FAULTS: tuple[str, ...] = tuple(FAMILY_A.faults)
"""The reason codes, in the order of the suitability labels after `usable`."""

MIN_SIDE_PIXELS = 64


def spoil(photo: Image.Image, code: str, severity: float, seed: int, family: str = "a") -> Image.Image:
    """Give a spoilt copy of `photo` (RGB): same photo, code, severity (0..1), seed and family, same pixels.

    Raises KeyError for an unknown code or family, ValueError for a photo under 64 pixels or a severity outside 0..1.
    """
    chosen = FAMILIES[family]
    fault = chosen.faults[code]
    _check(photo, severity)
    return fault(photo.convert("RGB"), severity, _draws(seed, FAULTS.index(code), chosen.name))


def harm_nothing(photo: Image.Image, severity: float, seed: int, family: str = "a") -> Image.Image:
    """Give a copy of `photo` after one of the family's changes that leave it usable; arguments as for `spoil`.

    `severity` runs from hardly visible (0) to the most that is acceptable (1).
    """
    chosen = FAMILIES[family]
    _check(photo, severity)
    rng = _draws(seed, len(FAULTS), chosen.name)
    change = chosen.harmless[int(rng.integers(len(chosen.harmless)))]
    return change(photo.convert("RGB"), severity, rng)


def _check(photo: Image.Image, severity: float) -> None:
    if min(photo.size) < MIN_SIDE_PIXELS:
        raise ValueError(f"a photo to spoil needs {MIN_SIDE_PIXELS} pixels on its short side")
    if not 0 <= severity <= 1:
        raise ValueError("severity must be 0 to 1")


def _draws(seed: int, kind: int, family: str) -> np.random.Generator:
    """The family's own stream; family a keeps the one it had when it was the only family."""
    return np.random.default_rng([seed, kind] if family == "a" else [seed, kind, *family.encode()])
