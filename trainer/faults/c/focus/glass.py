"""What lies on the lens or in the air: haze, fingerprints, drops."""

import math

import numpy as np
from PIL import Image, ImageFilter

from trainer.faults.c.fields import around, bent, cloud, slope_across, smooth
from trainer.faults.c.pixels import Plane, light_of, mask_of, photo_of_light
from trainer.faults.fault import between


def haze(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Breath on the lens or fog: light lost by exp(-depth) and given back as a veil (Koschmieder), and softness."""
    depth = between(0.35, 1.4, severity) * np.exp(0.35 * _unevenness(photo, rng))
    passed = np.exp(-depth).astype(np.float32)[..., None]
    tint = np.array([rng.uniform(0.95, 1.05), 1.0, rng.uniform(0.93, 1.07)], dtype=np.float32)
    veil = np.float32(rng.uniform(0.45, 0.8)) * tint
    short = min(photo.size)
    soft = photo.filter(ImageFilter.GaussianBlur(between(0.0022, 0.012, severity) * short))
    return photo_of_light(light_of(soft) * passed + veil * (1 - passed))


def fingerprint(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Grease wiped over the lens: streaks drawn out one way, glow, less contrast over most of the photo."""
    short = min(photo.size)
    reach_px = between(0.004, 0.025, severity) * short
    smeared = _drawn_out(photo, reach_px * 2.5, rng)
    glow = photo.reduce(4).filter(ImageFilter.GaussianBlur(short / 50)).resize(photo.size, Image.Resampling.BICUBIC)
    greasy = Image.blend(smeared, glow, between(0.2, 0.5, severity))
    edge = smooth(around(photo.size, (float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.35, 0.65))), 0.6), 0.05, 0.5)
    return Image.composite(greasy, Image.blend(photo, greasy, 0.6), mask_of(edge))


def wet_lens(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Water on the lens: the picture bent and blurred through a film with drops."""
    short = min(photo.size)
    reach_px = between(0.004, 0.02, severity) * short
    film = bent(photo, reach_px * 3, 12, rng).filter(ImageFilter.GaussianBlur(reach_px))
    drops = bent(film, short / 14, 9, rng)
    cover = smooth(cloud(rng, photo.size, short / 6, 6.0, 2.5), 0.3, 0.9)
    return Image.composite(drops, film, mask_of(cover))


def _unevenness(photo: Image.Image, rng: np.random.Generator) -> Plane:
    """Thicker to one side, and in swathes."""
    lean = slope_across(photo.size, float(rng.uniform(0, math.tau)))
    return np.asarray(lean + np.float32(0.4) * cloud(rng, photo.size, max(photo.size), 24.0, 2.5), dtype=np.float32)


def _drawn_out(photo: Image.Image, length_px: float, rng: np.random.Generator) -> Image.Image:
    """The photo smeared along one direction: squeezed that way and enlarged again while it is turned."""
    angle = float(rng.uniform(0, 180))
    margin = math.ceil(max(photo.size) * 0.25)
    pixels = np.pad(np.asarray(photo), ((margin, margin), (margin, margin), (0, 0)), mode="symmetric")
    turned = Image.fromarray(pixels).rotate(angle, Image.Resampling.BILINEAR)
    squeezed = (max(int(turned.width / max(length_px * 0.7, 1.0)), 8), max(int(turned.height / 1.5), 8))
    smeared = turned.resize(squeezed, Image.Resampling.BOX).resize(turned.size, Image.Resampling.BICUBIC)
    level = smeared.rotate(-angle, Image.Resampling.BILINEAR)
    return level.crop((margin, margin, margin + photo.width, margin + photo.height))
