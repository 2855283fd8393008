"""Many lesions, none of them the subject: spots, wheals, blisters or rings, or the photo's own lesion many times."""

import numpy as np
from PIL import Image

from trainer.faults.c.choice import one_of
from trainer.faults.c.lesion.cutout import Cutout, lay, scaled, take_apart, turned
from trainer.faults.c.pixels import Pixels, light_of, photo_of_light
from trainer.faults.c.scatter.eruption import Shape, coloured, coverage, raised
from trainer.faults.c.scatter.placing import places
from trainer.faults.c.scatter.shapes import dome, grown, plaque, ring
from trainer.faults.fault import between

_SUBJECT = 0.25  # short sides; a lesion as large as that is what the photo is about


def spots(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Flat spots or plaques in the pigment of the photo's own lesion, or in a drawn one."""
    apart = take_apart(photo, rng)
    shape: Shape = (grown, plaque, ring, grown)[int(rng.integers(4))]
    diameter = float(rng.uniform(0.04, 0.10)) * (1.5 if shape is ring else 1.0)
    light, pigment = _ground(photo, apart, rng), _pigment(apart, rng)
    at = places(_count(severity, 14, 64, rng), rng)
    cover = coverage(photo.size, at, diameter, shape, rng)
    return photo_of_light(coloured(light, cover, pigment, rng))


def wheals(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Raised, pale pink, of all sizes, red around: hives."""
    light = _ground(photo, take_apart(photo, rng), rng)
    at = places(_count(severity, 12, 40, rng), rng)
    cover = coverage(photo.size, at, float(rng.uniform(0.08, 0.17)), plaque, rng)
    flush = np.array([1.0, rng.uniform(0.6, 0.75), rng.uniform(0.62, 0.78)], dtype=np.float32)
    red = coloured(light, np.sqrt(cover), flush, rng)
    pale = red * (1 + np.float32(rng.uniform(0.05, 0.2)) * (cover * cover)[..., None])
    return photo_of_light(raised(pale, cover, float(rng.uniform(0.1, 0.3)), 0.03, rng))


def blisters(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Small glossy domes or papules on red ground."""
    light = _ground(photo, take_apart(photo, rng), rng)
    at = places(_count(severity, 18, 90, rng), rng)
    diameter = float(rng.uniform(0.022, 0.045))
    halo = coverage(photo.size, at, diameter * 2.6, plaque, rng)
    cover = coverage(photo.size, at, diameter, dome, rng)
    flush = np.array([0.98, rng.uniform(0.5, 0.72), rng.uniform(0.5, 0.72)], dtype=np.float32)
    red = coloured(light, halo * np.float32(0.8), flush, rng)
    content = np.array([rng.uniform(0.8, 1.15), rng.uniform(0.6, 1.15), rng.uniform(0.5, 1.0)], dtype=np.float32)
    filled = coloured(red, cover, content, rng)
    return photo_of_light(raised(filled, cover, float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.1, 0.6)), rng))


def repeated(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo's own lesion again and again: turned, in many sizes and strengths."""
    apart = take_apart(photo, rng)
    light = apart.skin.copy()
    usual = float(rng.uniform(0.05, 0.11)) * min(photo.size) / max(apart.diameter_px, 1.0)
    kinds = [turned(scaled(apart.veil, min(usual * kind, 1.0)), rng) for kind in (0.5, 0.7, 1.0, 1.0, 1.4, 1.9)]
    veils = []
    for x, y in places(_count(severity, 14, 64, rng), rng):
        kind = kinds[int(rng.integers(len(kinds)))]
        strength = np.float32(rng.uniform(0.55, 1.15))
        side = kind[:: rng.choice((-1, 1)), :: rng.choice((-1, 1))]
        veils.append((side * strength, float(x) * photo.width, float(y) * photo.height))
    lay(light, veils)
    return photo_of_light(light)


scattered_lesions = one_of(spots, spots, wheals, blisters, repeated, repeated)


def _count(severity: float, mild: int, gross: int, rng: np.random.Generator) -> int:
    return max(mild, round(between(mild, gross, severity) * float(rng.uniform(0.9, 1.15))))


def _ground(photo: Image.Image, apart: Cutout, rng: np.random.Generator) -> Pixels:
    """The photo without its own lesion, or with it where it is small: a large one would still be the subject."""
    kept = rng.random() < 0.4 and apart.diameter_px < _SUBJECT * min(photo.size)
    return light_of(photo) if kept else apart.skin


def _pigment(apart: Cutout, rng: np.random.Generator) -> Pixels:
    """What a spot lets through, RGB: as the photo's own lesion does, or brown, red, violet, pale."""
    own = np.exp(np.quantile(apart.veil.reshape(-1, 3), 0.08, axis=0))
    drawn = np.array(
        [(0.55, 0.38, 0.30), (0.95, 0.55, 0.52), (0.72, 0.33, 0.32), (0.62, 0.42, 0.55), (1.25, 1.35, 1.4)],
        dtype=np.float64,
    )[int(rng.integers(5))] ** float(rng.uniform(0.7, 1.3))
    plain = own.mean() < 0.8 and rng.random() < 0.5
    return np.clip(own if plain else drawn, 0.06, 1.6).astype(np.float32)
