"""Colours of things, in linear light."""

import numpy as np

from trainer.faults.c.pixels import Pixels


def anything(rng: np.random.Generator) -> Pixels:
    """Any colour a thing may have, RGB of 0..1."""
    value = float(rng.uniform(0.03, 0.9)) ** 1.5
    saturation = float(rng.uniform(0, 0.9)) ** 1.5
    hue = rng.uniform(0, 1, 3)
    spread = (hue - hue.min()) / max(float(hue.max() - hue.min()), 1e-6)
    return np.asarray(value * (1 - saturation * (1 - spread)), dtype=np.float32)


def near(colour: Pixels, spread: float, rng: np.random.Generator) -> Pixels:
    """A colour like `colour`, its channels off by about `spread` (a share)."""
    shared = rng.normal(0, spread)
    return np.asarray(np.clip(colour * np.exp(shared + rng.normal(0, spread / 3, 3)), 0, 1), dtype=np.float32)
