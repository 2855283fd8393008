"""Many lesions and none of them the subject: on the photo's own skin, or on a wider view of it."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.a.distance import from_further
from trainer.faults.a.eruption.healing import healed
from trainer.faults.a.eruption.paint import erupted
from trainer.faults.a.texture import feathered
from trainer.faults.fault import between


def scattered_lesions(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Give 8 (mild) to 100 (gross) lesions: an eruption on the photo's skin mostly, with its own lesion among them or
    filled in; on drawn skin around the photo sometimes; now and then the photo's own lesion over and over.
    """
    return _WAYS[int(rng.choice(len(_WAYS), p=(0.5, 0.17, 0.18, 0.15)))](photo, severity, rng)


def _on_healed_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    skin = healed(photo)
    return _around_it(photo, severity, rng) if skin is None else erupted(skin, severity, rng)


def _among_its_own(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo a little further away, its lesion one of the eruption's largest."""
    return erupted(from_further(photo, float(rng.uniform(0.2, 0.4)), rng), severity, rng)


def _around_it(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Drawn skin, the photo's lesion one of many."""
    return erupted(from_further(photo, float(rng.uniform(0.15, 0.35)), rng), severity, rng)


def _repeated(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo's own lesion turned and scaled, all over skin of its own."""
    wide = from_further(photo, float(rng.uniform(0.2, 0.4)), rng)
    under = (healed(photo) or wide) if rng.random() < 0.5 else wide
    count = round(between(12, 60, severity) * float(rng.uniform(0.8, 1.2)))
    view = under.copy()
    width, height = photo.size
    side = min(width, height)
    x, y, reach = width // 2, height // 2, side // 4
    middle = photo.crop((x - reach, y - reach, x + reach, y + reach))
    for _ in range(count):
        spot_side = max(int(side * float(rng.uniform(0.06, 0.16))), 8)
        spot = middle.rotate(float(rng.uniform(0, 360)), Image.Resampling.BILINEAR)
        spot = spot.resize((spot_side, spot_side), Image.Resampling.BOX)
        place = (int(rng.integers(width - spot_side)), int(rng.integers(height - spot_side)))
        view.paste(spot, place, feathered(spot.size, rng))
    return view


_WAYS: tuple[Callable[[Image.Image, float, np.random.Generator], Image.Image], ...] = (
    *(_on_healed_skin, _among_its_own, _around_it, _repeated),
)
