"""How film and sensors answer to light: curves with a toe and a shoulder, noise that depends on light, banding."""

import math

import numpy as np

from trainer.faults.c.fields import cloud
from trainer.faults.c.pixels import Pixels, Size


def filmic(light: Pixels, toe: float, shoulder: float) -> Pixels:
    """Linear light through a curve that presses shadows (`toe`, 0..0.05) and rolls off highlights (`shoulder`, 0..1).

    Naka, Rushton (1966): x / (x + s), scaled so that 1 stays 1; `shoulder` 0 is a hard clip.
    """
    pressed = light * light / (light + np.float32(max(toe, 1e-4)))
    half = np.float32(1 / max(shoulder, 1e-3))
    return np.asarray(pressed * (1 + half) / (pressed + half), dtype=np.float32)


def noisy(light: Pixels, full_well: float, read: float, rng: np.random.Generator) -> Pixels:
    """Light counted in electrons: shot noise of a `full_well`, and `read` noise, shared little between the colours."""
    deviation = np.sqrt(np.maximum(light, 0) / np.float32(full_well) + np.float32((read / full_well) ** 2))
    return np.asarray(light + deviation * rng.standard_normal(light.shape, dtype=np.float32), dtype=np.float32)


def banded(size: Size, strength: float, rng: np.random.Generator) -> Pixels:
    """What lamps on the mains and a rolling shutter do, or a sensor's rows: a factor about 1, [rows, 1, 1]."""
    rows = np.arange(size[1], dtype=np.float32) / np.float32(size[1])
    wave = np.sin(np.float32(math.tau * rng.uniform(2, 9)) * rows + np.float32(rng.uniform(0, math.tau)))
    streaks = rng.standard_normal(size[1], dtype=np.float32) * np.float32(0.4)
    return np.asarray(1 + np.float32(strength) * (wave + streaks), dtype=np.float32)[:, None, None]


def blotchy(light: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Colour noise left in patches by noise reduction."""
    size = (light.shape[1], light.shape[0])
    for channel in (0, 2):
        patches = cloud(rng, size, max(min(size) / 20, 6), 3.0, 1.5)
        light[..., channel] *= 1 + np.float32(strength) * patches
    return light


def middle_of(light: Pixels) -> float:
    """The usual brightness of the middle half, where the subject is: of its skin, not of a dark lesion."""
    rows, columns = light.shape[:2]
    inside = light[rows // 4 : 3 * rows // 4 : 2, columns // 4 : 3 * columns // 4 : 2]
    return max(float(np.quantile(inside.mean(-1), 0.65)), 0.004)
