"""Too little light: in the whole photo, at night, against the light, or beside a lamp's spot."""

import math

import numpy as np
from PIL import Image

from trainer.faults.c.choice import one_of
from trainer.faults.c.fields import around, cloud, slope_across, smooth
from trainer.faults.c.light.response import banded, blotchy, filmic, middle_of, noisy
from trainer.faults.c.pixels import Pixels, light_of, photo_of_light, recompressed
from trainer.faults.fault import between

_MILD, _GROSS = 0.042, 0.006  # linear light of the subject
_LEAST_LOSS = 0.3  # dark skin in good light is not underexposed: what counts is what is lost, too


def short_exposure(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Film given too little: pressed shadows, a cast, dark corners."""
    light = light_of(photo)
    gain = _gain(light, severity)
    cast = np.exp(rng.normal(0, 0.12, 3)).astype(np.float32)
    corners = 1 - np.float32(rng.uniform(0.1, 0.6)) * (1 - around(photo.size, (0.5, 0.5), 0.75))
    dark = filmic(light * np.float32(gain) * cast, float(rng.uniform(0.001, 0.012)), 0.3) * corners[..., None]
    return photo_of_light(noisy(dark, float(rng.uniform(3000, 20000)), 3, rng))


def night(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A weak warm lamp and a sensor at its limit: noise, bands, blotches, crushed blue."""
    light = light_of(photo)
    gain = _gain(light, severity)
    warm = np.array([1.25, 0.95, rng.uniform(0.35, 0.75)], dtype=np.float32)
    dark = light * np.float32(gain) * warm * banded(photo.size, float(rng.uniform(0.0, 0.06)), rng)
    grainy = noisy(dark, between(2500, 500, severity), float(rng.uniform(2, 6)), rng)
    view = photo_of_light(blotchy(grainy - np.float32(0.0015), float(rng.uniform(0.03, 0.15)), rng))
    return recompressed(view, int(rng.integers(60, 93)))


def against_the_light(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A window or a lamp beside the subject: it is bright there, and the subject stays in the dark."""
    light = light_of(photo)
    gain = np.float32(_gain(light, severity))
    run = slope_across(photo.size, float(rng.uniform(0, math.tau)))
    bright = smooth(run + np.float32(0.04) * cloud(rng, photo.size, max(photo.size), 24.0, 3.0), 0.62, 0.98)[..., None]
    glow = np.clip(run, 0, 1)[..., None] ** 2 * np.float32(rng.uniform(0.0, 0.015))
    window = np.array([rng.uniform(0.7, 1.1), rng.uniform(0.8, 1.1), rng.uniform(0.8, 1.2)], dtype=np.float32)
    dark = light * gain * (1 - bright) + glow + window * bright
    return photo_of_light(noisy(dark, float(rng.uniform(2000, 12000)), 4, rng))


def beside_the_spot(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Only a torch's spot is lit, near the rim; the rest falls into the dark."""
    light = light_of(photo)
    gain = 0.85 * _gain(light, severity)
    angle = float(rng.uniform(0, math.tau))
    centre = (0.5 + 0.5 * math.cos(angle), 0.5 + 0.5 * math.sin(angle))
    spot = around(photo.size, centre, float(rng.uniform(0.12, 0.25)))[..., None]
    lit = np.float32(gain) + spot * np.float32(rng.uniform(0.1, 0.5))
    shadow = 1 - np.float32(rng.uniform(0, 0.4)) * smooth(cloud(rng, photo.size, max(photo.size), 24.0), -0.5, 1.0)
    return photo_of_light(noisy(light * lit * shadow[..., None], float(rng.uniform(2000, 12000)), 4, rng))


underexposed = one_of(short_exposure, short_exposure, night, night, against_the_light, beside_the_spot)


def _gain(light: Pixels, severity: float) -> float:
    """What the light is to be multiplied by, so that the subject is as dark as `severity` says."""
    return min(between(_MILD, _GROSS, severity) / middle_of(light), between(_LEAST_LOSS, _LEAST_LOSS / 4, severity))
