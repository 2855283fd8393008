"""Too much light: in the whole photo, from a flash, from the sun in the lens, or in one colour first."""

import math

import numpy as np
from PIL import Image, ImageFilter

from trainer.faults.c.choice import one_of
from trainer.faults.c.fields import around, cloud, slope_across, smooth
from trainer.faults.c.light.response import filmic, middle_of
from trainer.faults.c.pixels import Pixels, grained, light_of, photo_of_light
from trainer.faults.fault import between

_MILD, _GROSS = 1.1, 3.8  # linear light that the subject would have if nothing clipped
_LEAST_GAIN, _MOST_GAIN = 1.5, 9.0


def long_exposure(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Film given too much: the highlights run together into paper white."""
    light = light_of(photo)
    gain = _gain(light, severity)
    shoulder = float(rng.uniform(0.0, 0.35))
    even = 1 + np.float32(rng.uniform(0, 0.12)) * cloud(rng, photo.size, max(photo.size), 24.0, 2.5)
    burnt = filmic(light * np.float32(gain) * even[..., None], 0.002, shoulder)
    return grained(photo_of_light(_bloomed(burnt, 0.12, photo)), 0.7, rng)


def flash(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A flash from near by: the middle burnt out by the light itself and by its reflection, the rim less."""
    light = light_of(photo)
    centre = (float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.4, 0.6)))
    spot = around(photo.size, centre, between(0.34, 0.8, severity))
    gain = 1.6 * _gain(light, severity)
    mirrored = around(photo.size, centre, between(0.15, 0.5, severity)) * np.float32(between(0.25, 0.9, severity))
    # Light that the skin's fine relief mirrors comes in grains.
    mirrored *= np.clip(1 + np.float32(0.4) * cloud(rng, photo.size, 12.0, 1.5, 1.2), 0, None)
    lit = light * (np.float32(min(gain * 0.35, 1.4)) + np.float32(gain * 0.8) * spot)[..., None] + mirrored[..., None]
    return grained(photo_of_light(_bloomed(lit, 0.2, photo)), 0.7, rng)


def sun_in_the_lens(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Hard sun over a part that holds the subject, stray light over all the rest."""
    light = light_of(photo)
    run = slope_across(photo.size, float(rng.uniform(0, math.tau)))
    edge = float(rng.uniform(-0.55, -0.15)) - 0.3 * severity
    lit = smooth(run + np.float32(0.05) * cloud(rng, photo.size, max(photo.size), 24.0, 3.0), edge, edge + 0.25)
    gain = 1.2 * _gain(light, severity)
    stray = np.float32(between(0.06, 0.4, severity)) * (np.float32(0.6) + np.float32(0.4) * run)
    tint = np.array([1.05, 1.0, rng.uniform(0.8, 1.0)], dtype=np.float32)
    burnt = light * (1 + np.float32(gain - 1) * lit)[..., None] + stray[..., None] * tint
    return photo_of_light(_bloomed(burnt, 0.15, photo))


def clipped_colour(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """White balance far off and too much light: one colour clips first, the skin turns yellow, pink or cyan-white."""
    light = light_of(photo)
    gain = 1.1 * _gain(light, severity)
    balance = np.exp(rng.normal(0, 0.22, 3)).astype(np.float32)
    burnt = light * np.float32(gain) * balance
    veil = np.float32(between(0.01, 0.25, severity))
    return grained(photo_of_light(_bloomed(burnt + veil, 0.1, photo)), 0.7, rng)


overexposed = one_of(long_exposure, long_exposure, flash, flash, sun_in_the_lens, clipped_colour)


def _gain(light: Pixels, severity: float) -> float:
    """What the light is to be multiplied by, so that the subject is as bright as `severity` says."""
    wanted = between(_MILD, _GROSS, severity) / middle_of(light)
    # A dark subject in a photo with bright parts is pushed no further than a mistake could.
    return min(max(wanted, _LEAST_GAIN), between(_MOST_GAIN / 2, _MOST_GAIN * 2, severity))


def _bloomed(light: Pixels, share: float, photo: Image.Image) -> Pixels:
    """Light beyond white spilt over its surroundings, as lens and sensor do."""
    clipped = photo_of_light(np.clip(light - np.float32(0.6), 0, 1)).reduce(4)
    spilt = clipped.filter(ImageFilter.GaussianBlur(max(min(photo.size) / 120, 1.0)))
    glow = light_of(spilt.resize(photo.size, Image.Resampling.BILINEAR))
    return np.asarray(light + np.float32(share) * glow, dtype=np.float32)
