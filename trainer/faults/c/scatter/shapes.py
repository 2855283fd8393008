"""Outlines of lesions, as masks: grown by chance, ringed, or raised."""

import numpy as np
from PIL import Image

from trainer.faults.c.fields import filtered_noise, smooth
from trainer.faults.c.pixels import Plane, mask_of

STAMP_PX = 72


def grown(rng: np.random.Generator) -> Image.Image:
    """Where many short walks from the middle have been, smoothed: compact, with an uneven edge."""
    steps = rng.normal(0, 0.055, (160, 24, 2)).cumsum(axis=1)
    stretch = np.array([1.0, float(rng.uniform(0.55, 1.0))])
    places = np.clip((steps * stretch).reshape(-1, 2) * 0.75 + 0.5, 0, 0.999)
    visits, _, _ = np.histogram2d(places[:, 0], places[:, 1], bins=18, range=((0, 1), (0, 1)))
    density = Image.fromarray((visits / max(float(visits.max()), 1)).astype(np.float32))
    wide = np.asarray(density.resize((STAMP_PX, STAMP_PX), Image.Resampling.BICUBIC), dtype=np.float32)
    edge = filtered_noise(rng, (STAMP_PX, STAMP_PX), 0.05, 1.6)
    ragged = np.asarray(wide * (1 + 0.3 * edge), dtype=np.float32)
    low = float(rng.uniform(0.08, 0.22))
    return mask_of(smooth(ragged, low, low + float(rng.uniform(0.12, 0.4))) * _window())


def plaque(rng: np.random.Generator) -> Image.Image:
    """A piece of noise above a threshold, within a disc: lobed, mottled."""
    bumps = filtered_noise(rng, (STAMP_PX, STAMP_PX), 0.035, 2.4)
    reach = _distance() * np.float32(rng.uniform(1.3, 1.8))
    inside = smooth(1 - reach + np.float32(0.22) * bumps, 0.0, float(rng.uniform(0.14, 0.4)))
    mottle = 0.8 + 0.2 * np.clip(filtered_noise(rng, (STAMP_PX, STAMP_PX), 0.12, 1.2), -1, 1)
    return mask_of(inside * mottle * _window())


def ring(rng: np.random.Generator) -> Image.Image:
    """Clearing in the middle, as tinea and granuloma annulare do; often not closed."""
    wobble = filtered_noise(rng, (STAMP_PX, STAMP_PX), 0.03, 2.4)
    distance: Plane = np.asarray(_distance() * 1.5 + 0.07 * wobble, dtype=np.float32)
    rim = np.exp(-(((distance - 0.72) / np.float32(rng.uniform(0.09, 0.2))) ** 2))
    middle = np.float32(rng.uniform(0.1, 0.4)) * smooth(0.72 - distance, 0, 0.2)
    gaps = smooth(filtered_noise(rng, (STAMP_PX, STAMP_PX), 0.02, 2.4), -1.6, -0.4)
    return mask_of(np.maximum(rim * gaps, middle) * _window())


def dome(rng: np.random.Generator) -> Image.Image:
    """A small round papule or blister, nearly a disc."""
    x = float(rng.uniform(0.85, 1.15))
    axis = np.linspace(-1, 1, STAMP_PX, dtype=np.float32)
    distance = np.sqrt((axis[None, :] * np.float32(x)) ** 2 + (axis[:, None] / np.float32(x)) ** 2)
    return mask_of(smooth(1 - distance * np.float32(1.25), 0.0, float(rng.uniform(0.1, 0.3))))


def _distance() -> Plane:
    axis = np.linspace(-1, 1, STAMP_PX, dtype=np.float32)
    return np.asarray(np.sqrt(axis[None, :] ** 2 + axis[:, None] ** 2), dtype=np.float32)


def _window() -> Plane:
    return smooth(1 - _distance(), 0.0, 0.15)
