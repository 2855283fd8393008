"""The lesion is too small in the frame: shrunk where it is, in a wider view of the skin, or on a limb in a room."""

import numpy as np
from PIL import Image

from trainer.faults.c.choice import one_of
from trainer.faults.c.distance.limb import any_limb, on_limb, room
from trainer.faults.c.distance.weaving import skin_from_afar
from trainer.faults.c.lesion.cutout import Cutout, lay, scaled, take_apart, turned
from trainer.faults.c.lesion.finding import standing_out
from trainer.faults.c.pixels import grained, photo_of_light
from trainer.faults.fault import between

_MILD, _GROSS = 0.085, 0.02  # the lesion's diameter in short sides
_LEFT_BEHIND = 0.45


def shrunk_in_place(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A tiny lesion on the photo's own skin at its own magnification.

    Where something as striking stays behind on the skin, or the skin would look made up, a wider view is given.
    """
    apart = take_apart(photo, rng)
    if apart.doubt > 1 or standing_out(photo_of_light(apart.skin)) > _LEFT_BEHIND * standing_out(photo):
        return in_wider_view(photo, severity, rng)
    return smaller(photo, apart, _share(photo, apart, severity), rng)


def smaller(photo: Image.Image, apart: Cutout, share: float, rng: np.random.Generator) -> Image.Image:
    """The lesion at `share` (0..1) of its sides, back on its own skin not far from where it was."""
    light = apart.skin.copy()
    reach = 0.25 * (1 - share)
    x = np.clip(apart.x + photo.width * float(rng.uniform(-reach, reach)), 0.1 * photo.width, 0.9 * photo.width)
    y = np.clip(apart.y + photo.height * float(rng.uniform(-reach, reach)), 0.1 * photo.height, 0.9 * photo.height)
    lay(light, [(scaled(apart.veil, share), float(x), float(y))])
    return photo_of_light(light)


def in_wider_view(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Lesion and skin smaller alike, with more skin all around."""
    apart = take_apart(photo, rng)
    share = _share(photo, apart, severity)
    light = skin_from_afar(apart.plain.light, share, photo.size, rng)
    x, y = rng.uniform(0.2, 0.8, 2)
    veil = turned(scaled(apart.veil, share), rng)
    lay(light, [(veil, float(x) * photo.width, float(y) * photo.height)])
    return grained(photo_of_light(light), float(rng.uniform(0.5, 2.5)), rng)


def on_a_limb(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The lesion on an arm or a leg, the room around it."""
    apart = take_apart(photo, rng)
    share = _share(photo, apart, severity)
    limb = any_limb(photo.size, between(0.75, 0.3, severity) * float(rng.uniform(0.8, 1.2)), rng)
    light = skin_from_afar(apart.plain.light, share, photo.size, rng)
    lay(light, [(turned(scaled(apart.veil, share), rng), limb.x, limb.y)])
    return grained(on_limb(light, limb, room(photo.size, rng)), float(rng.uniform(0.5, 2.5)), rng)


lesion_too_small = one_of(shrunk_in_place, in_wider_view, in_wider_view, on_a_limb)


def _share(photo: Image.Image, apart: Cutout, severity: float) -> float:
    """What the lesion must shrink by to be as small as `severity` says."""
    wanted_px = between(_MILD, _GROSS, severity) * min(photo.size)
    return min(wanted_px / max(apart.diameter_px, 1.0), 0.8)
