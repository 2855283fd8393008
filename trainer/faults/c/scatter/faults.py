"""Many lesions, none of them the subject: spots, wheals, blisters or rings, or the photo's own lesion many times."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.faults.c.choice import one_of
from trainer.faults.c.lesion.cutout import Cutout, lay, scaled, take_apart, turned
from trainer.faults.c.lesion.plain import skin_share
from trainer.faults.c.pixels import Pixels, Plane, light_of, photo_of_light, resized_plane
from trainer.faults.c.scatter.contrast import Skin, difference, skin_to_show_on, strong_enough
from trainer.faults.c.scatter.eruption import Shape, coloured, coverage, raised
from trainer.faults.c.scatter.placing import places
from trainer.faults.c.scatter.shapes import dome, grown, plaque, ring
from trainer.faults.fault import between

_SUBJECT = 0.25  # short sides; a lesion as large as that is what the photo is about
_MOST_DOUBT = 1.3


@dataclass(frozen=True, slots=True)
class _Ground:
    """Linear light to lay a rash on.

    `skin`: where it is skin (coarse, 0..1); `look`: how that looks.
    """

    light: Pixels
    skin: Plane
    look: Skin


def spots(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Flat spots or plaques in the pigment of the photo's own lesion, or in a drawn one."""
    apart = take_apart(photo, rng)
    return _spotted(apart, _ground(photo, apart, rng), severity, rng)


def wheals(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Raised, pale pink, of all sizes, red around: hives."""
    ground = _ground(photo, take_apart(photo, rng), rng)
    at = places(_count(severity, 12, 40, rng), ground.skin, rng)
    cover = _on_skin(coverage(photo.size, at, float(rng.uniform(0.08, 0.16)), plaque, rng), ground)
    flush = np.array([0.96, rng.uniform(0.5, 0.65), rng.uniform(0.52, 0.68)], dtype=np.float32)
    red = coloured(ground.light, np.sqrt(cover), strong_enough(flush, ground.look), rng)
    pale = red * (1 + np.float32(rng.uniform(0.02, 0.1)) * (cover * cover)[..., None])
    return photo_of_light(raised(pale, cover, float(rng.uniform(0.15, 0.35)), 0.03, rng))


def blisters(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Small glossy domes or papules on red ground."""
    ground = _ground(photo, take_apart(photo, rng), rng)
    at = places(_count(severity, 18, 90, rng), ground.skin, rng)
    diameter = float(rng.uniform(0.028, 0.048))
    halo = _on_skin(coverage(photo.size, at, diameter * 2.6, plaque, rng), ground)
    cover = _on_skin(coverage(photo.size, at, diameter, dome, rng), ground)
    flush = np.array([0.96, rng.uniform(0.42, 0.6), rng.uniform(0.42, 0.6)], dtype=np.float32)
    red = coloured(ground.light, halo, strong_enough(flush, ground.look), rng)
    content = np.array([rng.uniform(0.8, 1.15), rng.uniform(0.6, 1.15), rng.uniform(0.5, 1.0)], dtype=np.float32)
    filled = coloured(red, cover, content, rng)
    return photo_of_light(raised(filled, cover, float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.1, 0.6)), rng))


def repeated(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo's own lesion again and again: turned, in many sizes and strengths; else spots."""
    apart = take_apart(photo, rng)
    ground = _ground(photo, apart, rng)
    if apart.doubt > _MOST_DOUBT or difference(_own_pigment(apart), ground.look) < ground.look.wanted:
        return _spotted(apart, ground, severity, rng)
    light = ground.light.copy()
    usual_share = float(rng.uniform(0.06, 0.11)) * min(photo.size) / max(apart.diameter_px, 1.0)
    kinds = [turned(scaled(apart.veil, min(usual_share * kind, 1.0)), rng) for kind in (0.6, 0.8, 1.0, 1.0, 1.4, 1.9)]
    veils = []
    for x, y in places(_count(severity, 14, 64, rng), ground.skin, rng):
        kind = kinds[int(rng.integers(len(kinds)))]
        strength = np.float32(rng.uniform(0.85, 1.2))
        side = kind[:: rng.choice((-1, 1)), :: rng.choice((-1, 1))]
        veils.append((side * strength, float(x) * photo.width, float(y) * photo.height))
    lay(light, veils)
    return photo_of_light(light)


scattered_lesions = one_of(spots, spots, wheals, blisters, repeated, repeated)


def _spotted(apart: Cutout, ground: _Ground, severity: float, rng: np.random.Generator) -> Image.Image:
    shape: Shape = (grown, plaque, ring, grown)[int(rng.integers(4))]
    diameter = float(rng.uniform(0.065, 0.115)) * (1.4 if shape is ring else 1.0)
    at = places(_count(severity, 16, 64, rng), ground.skin, rng)
    height, width = ground.light.shape[:2]
    cover = _on_skin(coverage((width, height), at, diameter, shape, rng), ground)
    return photo_of_light(coloured(ground.light, cover, strong_enough(_pigment(apart, rng), ground.look), rng))


def _count(severity: float, mild: int, gross: int, rng: np.random.Generator) -> int:
    return max(mild, round(between(mild, gross, severity) * float(rng.uniform(0.9, 1.15))))


def _ground(photo: Image.Image, apart: Cutout, rng: np.random.Generator) -> _Ground:
    """The photo without its own lesion; with it where it is small, and where what is under it would look made up."""
    kept = rng.random() < 0.4 and apart.diameter_px < _SUBJECT * min(photo.size)
    light = light_of(photo) if kept or apart.doubt > _MOST_DOUBT else apart.skin
    skin = skin_share(light, apart.hidden)
    return _Ground(light, skin, skin_to_show_on(light, skin))


def _on_skin(cover: Plane, ground: _Ground) -> Plane:
    """The cover where it lies on skin."""
    if ground.skin.min() > 0.5:
        return cover
    share = resized_plane(ground.skin, (cover.shape[1], cover.shape[0]), Image.Resampling.BILINEAR)
    return cover * np.clip(share * 2, 0, 1)


def _pigment(apart: Cutout, rng: np.random.Generator) -> Pixels:
    """What a spot lets through, RGB: as the photo's own lesion does, or brown, red, violet, pale."""
    own = _own_pigment(apart)
    drawn = np.array(
        [(0.55, 0.38, 0.30), (0.9, 0.45, 0.42), (0.72, 0.33, 0.32), (0.62, 0.42, 0.55), (1.25, 1.35, 1.4)],
        dtype=np.float64,
    )[int(rng.integers(5))] ** float(rng.uniform(0.8, 1.3))
    plain = own.mean() < 0.8 and rng.random() < 0.5
    return np.clip(own if plain else drawn, 0.06, 1.6).astype(np.float32)


def _own_pigment(apart: Cutout) -> Pixels:
    """What the darker part of the photo's own lesion lets through, RGB."""
    return np.exp(np.quantile(apart.veil.reshape(-1, 3)[::3], 0.12, axis=0)).astype(np.float32)
