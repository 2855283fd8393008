"""Too little or too much light as it comes about: a dark room, a shadow, light from behind; sun, flash, a meter."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.fault import between
from trainer.faults.primitives import Pixels, axes, clouds, grained, photo_of, pixels, resized, smoothstep
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.noise import Field

Way = Callable[[Pixels, float, np.random.Generator], Pixels]
"""Takes linear light, a severity and the draws; gives linear light, which may lie above 1."""


def underexposed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Leave the subject 4.5 % (mild) to 0.6 % (gross) of full light, in one of four ways."""
    linear = to_linear(pixels(photo))
    return Image.fromarray(to_srgb(_DARK[int(rng.integers(len(_DARK)))](linear, severity, rng)))


def overexposed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Burn the subject out in part (mild) or nearly wholly (gross), in one of four ways."""
    linear = to_linear(pixels(photo))
    return Image.fromarray(to_srgb(_spilt(_BRIGHT[int(rng.integers(len(_BRIGHT)))](linear, severity, rng))))


def balanced(linear: Pixels, stops: float, warmth: float) -> Pixels:
    """Light changed by `stops`, its balance by `warmth` (-1 blue .. 1 orange, each a tenth of red and blue)."""
    gains = np.array((1 + 0.1 * warmth, 1.0, 1 - 0.1 * warmth), dtype=np.float32)
    return np.asarray(linear * gains * np.float32(2.0**stops), dtype=np.float32)


def _spilt(linear: Pixels) -> Pixels:
    """What one colour has beyond white whitens the others: sensors and lenses leak."""
    beyond = np.clip(linear - 0.9, 0, 3).mean(2, keepdims=True)
    return np.asarray(linear + np.float32(0.45) * beyond, dtype=np.float32)


def _level(linear: Pixels, quantile: float) -> float:
    """The light of the middle of the frame, at `quantile` of its pixels."""
    rows, columns = linear.shape[:2]
    middle = linear[rows // 5 : rows * 4 // 5 : 3, columns // 5 : columns * 4 // 5 : 3]
    return max(float(np.quantile(middle.mean(2), quantile)), 0.004)


def _dimmed(linear: Pixels, severity: float) -> Pixels:
    """So that half of the middle has no more than the light wanted; never brighter than it was."""
    wanted = between(0.045, 0.006, severity)
    return np.asarray(linear * np.float32(min(wanted / _level(linear, 0.5), 0.5)), dtype=np.float32)


def _crushed(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """Stops too few, and the black clipped."""
    black = np.float32(rng.uniform(0, 0.25) * between(0.02, 0.004, severity))
    return np.asarray(np.clip(_dimmed(linear, severity) - black, 0, None), dtype=np.float32)


def _night(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """A bulb or a screen for light, colour noise in blotches, smoothed away with the detail."""
    cast = np.array((1.0, rng.uniform(0.6, 0.95), rng.uniform(0.3, 1.1)), dtype=np.float32)
    values = pixels(Image.fromarray(to_srgb(_dimmed(linear, severity * 0.9) * cast)))
    rows, columns = values.shape[:2]
    coarse = rng.standard_normal((max(rows // 3, 2), max(columns // 3, 2), 3), dtype=np.float32)
    blotches = resized(coarse, (columns, rows)) * np.float32(between(2.5, 8, severity))
    noisy = grained(values + blotches, between(2, 6, severity), rng)
    return to_linear(pixels(photo_of(noisy)))


def _from_behind(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """A window or a lamp at the edge of the frame: the camera exposes for it, the subject stays dark."""
    rows, columns = linear.shape[:2]
    x, y = axes((columns, rows))
    angle = float(rng.uniform(0, 2 * np.pi))
    out = np.cos(angle) * x + np.sin(angle) * y + 0.02 * clouds(rng, (columns, rows), max(rows, columns) / 5)
    window = smoothstep((out - float(rng.uniform(0.3, 0.42))) / np.float32(rng.uniform(0.02, 0.2)))
    flare = np.float32(0.02) * np.exp((np.minimum(out, 0.4) - 0.4) / np.float32(0.2))
    return np.asarray(_dimmed(linear, severity) + window[..., None] * 0.9 + flare[..., None], dtype=np.float32)


def _shaded(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """The shadow of the phone or the hand over the subject; round it there is light."""
    rows, columns = linear.shape[:2]
    shadow = 1 - _somewhere_else((columns, rows), rng)
    dim = _dimmed(linear, severity)
    return np.asarray(linear * np.float32(0.5) * (1 - shadow)[..., None] + dim * shadow[..., None], dtype=np.float32)


def _burnt(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """Stops too many; red runs into white first."""
    gain = between(1.05, 3.2, severity) / _level(linear, 0.45)
    warm = balanced(linear, 0.0, float(rng.uniform(-1.5, 1.5)))
    return np.asarray(warm * np.float32(max(gain, 1.6)), dtype=np.float32)


def _flash(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """A flash or a lamp too near: a white spot over the middle, with a glow round it."""
    rows, columns = linear.shape[:2]
    x, y = axes((columns, rows))
    middle = rng.uniform(-0.08, 0.08, 2)
    distance = np.hypot(x - middle[0], (y - middle[1]) * rows / columns) / np.float32(between(0.2, 0.5, severity))
    ragged = distance + 0.08 * clouds(rng, (columns, rows), max(rows, columns) / 8)
    glow = np.exp(-np.square(np.maximum(ragged, 0))) * np.float32(between(2.2, 3.8, severity) / _level(linear, 0.4))
    return np.asarray(linear * (1 + glow[..., None]) + 0.12 * glow[..., None] * _level(linear, 0.5), dtype=np.float32)


def _washed(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """Light over everything: no black left, white far down, little colour."""
    bright = linear * np.float32(between(0.75, 1.2, severity) / _level(linear, 0.5))
    grey = bright.mean(2, keepdims=True)
    pale = bright + (grey - bright) * np.float32(between(0.3, 0.7, severity))
    uneven = 1 + 0.2 * clouds(rng, (linear.shape[1], linear.shape[0]), max(linear.shape) / 2)
    veil = np.float32(between(0.15, 0.45, severity)) * uneven
    return np.asarray(pale * (1 - 0.3 * veil[..., None]) + veil[..., None], dtype=np.float32)


def _sunlit(linear: Pixels, severity: float, rng: np.random.Generator) -> Pixels:
    """A patch of hard sun over the subject, the rest as it was."""
    rows, columns = linear.shape[:2]
    sun = 1 - _somewhere_else((columns, rows), rng)
    gain = between(1.2, 3.6, severity) / _level(linear, 0.4)
    return np.asarray(linear * (1 + sun * np.float32(max(gain - 1, 0.8)))[..., None], dtype=np.float32)


def _somewhere_else(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """1 in a corner or along a side of the frame behind an edge, sharp or soft; 0 in the middle."""
    x, y = axes(size)
    angle = float(rng.uniform(0, 2 * np.pi))
    along = np.cos(angle) * y - np.sin(angle) * x
    out = np.cos(angle) * x + np.sin(angle) * y + float(rng.normal(0, 0.4)) * along * along
    return smoothstep((out - float(rng.uniform(0.2, 0.4))) / np.float32(rng.uniform(0.01, 0.12)))


_DARK: tuple[Way, ...] = (_crushed, _night, _from_behind, _shaded)
_BRIGHT: tuple[Way, ...] = (_burnt, _flash, _washed, _sunlit)
