"""Family b's operations at a degree that leaves a photo usable."""

from dataclasses import replace

import numpy as np
from PIL import Image

from trainer.faults.b.convolution import convolved, shake
from trainer.faults.b.distance import stepped_back
from trainer.faults.b.exposure import balanced
from trainer.faults.b.focus import through_lens, veiled
from trainer.faults.b.lesion import find_lesion
from trainer.faults.b.objects import border, hairs, ink_mark, label, ruler
from trainer.faults.b.rash.nature import any_nature
from trainer.faults.b.rash.rash import with_spots
from trainer.faults.b.rash.skin import cleared
from trainer.faults.b.scatter import BLOOD, MELANIN, any_bump, bumps, strewn
from trainer.faults.b.surroundings import beside_cloth
from trainer.faults.fault import Fault, between
from trainer.faults.primitives import as_jpeg, axes, clouds, grained, photo_of, pixels
from trainer.synthetic.colour import to_linear, to_srgb

_CRISP = 0.03  # of the radius: a large soft-edged subject would look out of focus
_LEAST_EXTENT = 0.22  # of the short side: a lesion this large is a subject


def still_close(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo at 0.95 to 0.6 of the sides within more skin, no further than the lesion stays the subject."""
    found = find_lesion(photo)
    share = float(np.clip(max(between(0.95, 0.6, severity), _LEAST_EXTENT / found.extent), 0.6, 0.95))
    place = (float(rng.uniform(-0.1, 0.1)), float(rng.uniform(-0.1, 0.1)))
    view = stepped_back(photo, found, share, place, rng)
    return beside_cloth(view, place, rng, 0.42) if rng.random() < 0.2 else view


def some_neighbours(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One to three small spots away from the subject: copies of it, or drawn ones."""
    turn = rng.uniform(0, 2 * np.pi, 1 + round(2 * severity))
    away = rng.uniform(0.38, 0.47, turn.shape)
    places = 0.5 + np.stack([np.cos(turn), np.sin(turn)], axis=1) * away[:, None]
    side_px = min(photo.size) * float(rng.uniform(0.03, 0.06))
    if rng.random() < 0.5:
        return strewn(photo, places, side_px, rng)
    return bumps(photo, places, side_px / 3, any_bump(rng, 0.3), rng)


def hardly_soft(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A lens or a hand off by 0.04 to 0.12 % of the short side, or the least of a haze."""
    radius_px = between(0.0004, 0.0012, severity) * min(photo.size)
    kind = int(rng.integers(3))
    if kind == 0:
        return through_lens(photo, max(radius_px, 0.5), rng)
    if kind == 1:
        moved = convolved(to_linear(pixels(photo)), shake(max(radius_px * 2, 0.8), rng))
        return Image.fromarray(to_srgb(moved))
    return veiled(photo, between(0.02, 0.07, severity), rng)


def clinic_things(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A ruler, a label, ink, hairs or a plain border: in many good photos, and no watermark."""
    kind = int(rng.integers(5))
    if kind == 4:
        return label(photo, rng)
    if kind == 0:
        return ruler(photo, rng)
    if kind == 1:
        return ink_mark(photo, rng)
    if kind == 2:
        return hairs(photo, round(between(3, 40, severity)), rng)
    return border(photo, between(0.006, 0.03, severity), rng)


def other_lamp(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Up to 0.45 stops darker or 0.25 lighter, warmer or cooler, with a soft shadow or none, a little more grain."""
    linear = balanced(
        to_linear(pixels(photo)),
        severity * float(rng.uniform(-0.45, 0.25)),
        severity * float(rng.uniform(-1, 1)),
    )
    shade = np.clip(1 + 0.12 * severity * clouds(rng, photo.size, max(photo.size) / 1.5), 0.6, 1.2)
    values = pixels(Image.fromarray(to_srgb((linear * shade[..., None]).astype(np.float32))))
    return photo_of(grained(values, severity * float(rng.uniform(0, 2)), rng))


def sent_on(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Coded again at a quality of 90 down to 70, at another pixel count that costs little detail."""
    factor = float(rng.uniform(1.0, 1.0 + 0.2 * severity))
    small = photo.resize((round(photo.width / factor), round(photo.height / factor)), Image.Resampling.LANCZOS)
    coded = as_jpeg(small, round(between(90, 70, severity)))
    return coded.resize(photo.size, Image.Resampling.BICUBIC)


def a_spot_or_two(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One or two of the spots that rashes are made of, near the frame's edge: two are no rash."""
    turn = float(rng.uniform(0, 2 * np.pi)) + np.array([0.0, float(rng.uniform(0.5, 5.8))])[: 1 + round(severity)]
    places = 0.5 + float(rng.uniform(0.38, 0.46)) * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return with_spots(photo, places, between(0.022, 0.055, severity), any_nature(rng), rng)


def one_in_its_place(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A single drawn lesion, as large as the photo's own, where that was cleared away."""
    found = find_lesion(photo)
    skin = cleared(photo, found, rng)
    if skin is None:
        return a_spot_or_two(photo, severity, rng)
    place = np.array([[(found.left + found.right) / 2, (found.top + found.bottom) / 2]])
    diameter = float(np.clip(found.extent * float(rng.uniform(0.9, 1.2)), 0.26, 0.5))
    nature = any_nature(rng)
    crisp = replace(nature, edge=min(nature.edge, _CRISP))
    view = with_spots(skin, place, diameter, crisp, rng)
    # A pale kind or a thin ring may stand out too little to be a subject.
    return view if find_lesion(view).extent >= _LEAST_EXTENT else photo


def flushed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Redness without an outline round the lesion, or mottling below what an eye takes for spots."""
    linear = to_linear(pixels(photo))
    if rng.random() < 0.5:
        x, y = axes(photo.size)
        share = np.exp(-np.square(np.hypot(x, y) / np.float32(rng.uniform(0.2, 0.45))))
        taken = np.float32(between(0.06, 0.4, severity)) * share[..., None] * (1 - BLOOD)
    else:
        mottled = clouds(rng, photo.size, max(min(photo.size) * float(rng.uniform(0.015, 0.05)), 2))
        taken = np.float32(between(0.03, 0.1, severity)) * np.clip(mottled, 0, 1)[..., None] * (1 - MELANIN)
    return Image.fromarray(to_srgb((linear * (1 - taken)).astype(np.float32)))


HARMLESS: tuple[Fault, ...] = (
    *(still_close, some_neighbours, hardly_soft, clinic_things, other_lamp, sent_on),
    *(a_spot_or_two, one_in_its_place, flushed),
)
