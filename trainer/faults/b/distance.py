"""Taken from too far away: the lesion is a dot on wide skin, on a limb before a room, or beside clothes."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.b.bare import calm_grain, carried_on, laid_out
from trainer.faults.b.lesion import Found, find_lesion, soft_cover
from trainer.faults.b.surroundings import before_room, beside_cloth
from trainer.faults.fault import between
from trainer.faults.primitives import axes, clouds, grained, mixed, photo_of, pixels, smoothstep
from trainer.synthetic.noise import Field

_LARGEST_SHARE, _SMALLEST_SHARE = 0.36, 0.05

Around = Callable[[Image.Image, tuple[float, float], np.random.Generator], Image.Image]
"""Puts something beside the skin, leaving the place given (x, y of -0.5..0.5) free."""


def lesion_too_small(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Let the lesion span 9 % (mild) to 2.5 % (gross) of the short side, on wide skin or with what lies around it."""
    found = find_lesion(photo)
    share = float(np.clip(between(0.09, 0.025, severity) / found.extent, _SMALLEST_SHARE, _LARGEST_SHARE))
    place = (float(rng.uniform(-0.25, 0.25)), float(rng.uniform(-0.25, 0.25)))
    wide = stepped_back(photo, found, share, place, rng)
    around = _AROUND[int(rng.choice(len(_AROUND), p=(0.4, 0.35, 0.25)))]
    return wide if around is None else around(wide, place, rng)


def stepped_back(
    photo: Image.Image, found: Found, share: float, place: tuple[float, float], rng: np.random.Generator
) -> Image.Image:
    """The photo as `share` (0..1) of the sides of a view of the same size, its skin carried on to the frame.

    `place` is where its middle comes to lie, x and y from -0.5 to 0.5. The shading of the old skin is taken out and
    that of the wide view put in, so that only the lesion and its own skin's detail stay.
    """
    width, height = photo.size
    small = (max(round(width * share), 12), max(round(height * share), 12))
    left = round(np.clip((0.5 + place[0]) * width - small[0] / 2, 0, width - small[0]))
    top = round(np.clip((0.5 + place[1]) * height - small[1] / 2, 0, height - small[1]))
    inner = pixels(photo.resize(small, Image.Resampling.LANCZOS, reducing_gap=3.0))
    skin = 1 - np.clip(soft_cover(found, small, grow=4), 0, 1)
    old_shading = carried_on(inner, skin)
    colour = (inner * skin[..., None]).sum((0, 1)) / max(float(skin.sum()), 1.0)
    base = colour * _shaded(photo.size, rng)[..., None]
    # Furrows and pores have less contrast from further away.
    relief = np.float32(min(float(rng.uniform(0.35, 0.75)) + 0.5 * share, 1.0))
    wide = base + relief * laid_out(calm_grain(photo, share), photo.size, rng)
    here = (slice(top, top + small[1]), slice(left, left + small[0]))
    wide[here] = mixed(wide[here], inner - old_shading + base[here], _feathered(small, rng))
    return photo_of(grained(wide, float(rng.uniform(0.3, 1.5)), rng))


def _feathered(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """1 in the middle, 0 at the frame; between squarish and round, and uneven."""
    x, y = axes(size)
    power = float(rng.uniform(2.2, 5))
    distance = (np.abs(2 * x) ** power + np.abs(2 * y) ** power) ** (1 / power)
    ragged = distance + 0.05 * clouds(rng, size, max(min(size) / 5, 2))
    return smoothstep((0.98 - ragged) / np.float32(rng.uniform(0.15, 0.4)))


def _shaded(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """Light falling off over a wide view: a body is round."""
    x, y = axes(size)
    angle = float(rng.uniform(0, 2 * np.pi))
    slope = np.cos(angle) * x + np.sin(angle) * y
    bent = float(rng.uniform(0, 0.5)) * (x * x + y * y)
    blotches = 0.02 * clouds(rng, size, max(size) / 8)
    return np.asarray(np.clip(1 + float(rng.uniform(0, 0.35)) * slope - bent + blotches, 0.3, 1.4), dtype=np.float32)


_AROUND: tuple[Around | None, ...] = (None, before_room, beside_cloth)
