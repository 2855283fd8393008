"""An eruption on a photo's own skin: stamps of one look, or two, in number, strong enough to be seen."""

import numpy as np
from PIL import Image

from trainer.faults.a.eruption.looks import LOOKS, Look
from trainer.faults.a.eruption.places import Places, arranged
from trainer.faults.a.eruption.stamps import Ground, ground_of, press, stamp, strengthened
from trainer.faults.fault import between
from trainer.faults.primitives import Pixels, pixels
from trainer.synthetic.colour import to_linear, to_srgb

LEAST_CONTRAST = 42.0  # of 255 over RGB
_OVER_TEXTURE = 3.5  # times the deviation of the skin's own texture
_FEWEST, _MOST = 8, 100
_VARIANTS = 9
_LARGEST_SHARE = 0.5  # of the frame that all together cover


def any_look(rng: np.random.Generator) -> Look:
    """One kind of lesion."""
    return LOOKS[int(rng.integers(len(LOOKS)))]


def lesion_count(severity: float, diameter: float, rng: np.random.Generator) -> int:
    """How many lesions of `diameter` (share of the short side): 8 to 100, more when small, or more severe."""
    count = between(11, 60, severity) * float(rng.uniform(0.75, 1.3)) * (0.06 / diameter) ** 0.5
    room = _LARGEST_SHARE / (0.8 * diameter * diameter)
    return int(np.clip(round(min(count, room)), _FEWEST, _MOST))


def erupted(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Many lesions of one kind, with some of another now and then, in any arrangement."""
    look = any_look(rng)
    diameter = between(*look.diameters, float(rng.random()))
    places = arranged(lesion_count(severity, diameter, rng), diameter * float(rng.uniform(0.3, 1.0)), rng)
    looks = (look, look, look, any_look(rng)) if rng.random() < 0.3 else (look,)
    return pressed_on(photo, places, looks, diameter, rng)


def pressed_on(
    photo: Image.Image, places: Places, looks: tuple[Look, ...], diameter: float, rng: np.random.Generator
) -> Image.Image:
    """Lesions of `looks` in turn, of about `diameter` (share of the short side), at `places`."""
    ground = ground_of(photo)
    least = max(LEAST_CONTRAST, _OVER_TEXTURE * ground.texture)
    picture = to_linear(pixels(photo))
    light, spread = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.1, 0.4))
    made = [
        _variant(
            looks[k % len(looks)], diameter * min(photo.size) * float(rng.lognormal(0, spread)), light, ground, rng
        )
        for k in range(min(_VARIANTS, len(places)))
    ]
    for x, y in places:
        factor = strengthened(made[int(rng.integers(len(made)))], ground, least)
        press(picture, _turned(factor, rng), float(x) * photo.width, float(y) * photo.height)
    return Image.fromarray(to_srgb(picture))


def _variant(look: Look, diameter_px: float, light: float, ground: Ground, rng: np.random.Generator) -> Pixels:
    return stamp(look, max(diameter_px / 2, 2.0), light, ground, rng)


def _turned(factor: Pixels, rng: np.random.Generator) -> Pixels:
    """Mirrored about its longer diagonals: cheap variety."""
    return factor.transpose(1, 0, 2) if rng.random() < 0.5 else factor
