"""Many lesions and none of them the subject."""

from dataclasses import replace

import numpy as np
from PIL import Image

from trainer.faults.a.distance import from_further
from trainer.faults.a.texture import feathered
from trainer.faults.fault import between
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.field.lesion import PIGMENTS, any_lesion, paint_lesion


def scattered_lesions(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Strew 12 (mild) to 60 (gross) lesions over the photo: drawn ones, or the photo's own turned and scaled.

    The photo is stepped back from first, so that its own lesion becomes one of many.
    """
    far = from_further(photo, float(rng.uniform(0.2, 0.4)), rng)
    count = round(between(12, 60, severity) * float(rng.uniform(0.8, 1.2)))
    if rng.random() < 0.5:
        return _painted(far, count, rng)
    return _repeated(far, photo, count, rng)


def _painted(photo: Image.Image, count: int, rng: np.random.Generator) -> Image.Image:
    picture = to_linear(np.asarray(photo, dtype=np.float32))
    pigment = PIGMENTS[int(rng.integers(len(PIGMENTS)))]
    size = float(rng.uniform(0.03, 0.08))
    for _ in range(count):
        x, y = rng.uniform(0.02, 0.98, 2)
        spot = any_lesion(rng, float(x), float(y), size * float(rng.uniform(0.5, 1.5)))
        paint_lesion(picture, replace(spot, pigment=pigment), min(photo.size))
    return Image.fromarray(to_srgb(picture))


def _repeated(photo: Image.Image, close: Image.Image, count: int, rng: np.random.Generator) -> Image.Image:
    view = photo.copy()
    width, height = photo.size
    side = min(width, height)
    x, y, reach = width // 2, height // 2, side // 4
    middle = close.crop((x - reach, y - reach, x + reach, y + reach))
    for _ in range(count):
        spot_side = max(int(side * float(rng.uniform(0.06, 0.16))), 8)
        spot = middle.rotate(float(rng.uniform(0, 360)), Image.Resampling.BILINEAR)
        spot = spot.resize((spot_side, spot_side), Image.Resampling.BOX)
        place = (int(rng.integers(width - spot_side)), int(rng.integers(height - spot_side)))
        view.paste(spot, place, feathered(spot.size, rng))
    return view
