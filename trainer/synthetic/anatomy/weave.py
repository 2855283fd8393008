"""The skin's lines as a tile of band-limited noise made in the frequency domain, lit on the tile itself."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.noise import Field, resized

_LARGEST_SIDE = 320
_FINEST_PERIOD_PX = 3.0
_COARSEST_PERIOD_PX = 22.0  # larger texture is made at this and enlarged


@dataclass(frozen=True, slots=True)
class Weave:
    """Two families of lines `period_mm` apart at `angle` and `cross` further; `relief` is how strongly they show.

    The larger `focus` and `spread`, the less regular they are in direction and in distance.
    """

    period_mm: float
    angle: float
    cross: float
    focus: float
    spread: float
    relief: float
    rough: float


def any_weave(rng: np.random.Generator) -> Weave:
    """From fine to coarse skin."""
    return Weave(
        period_mm=float(rng.uniform(0.5, 1.3)),
        angle=float(rng.uniform(0, math.pi)),
        cross=float(rng.uniform(0.8, 1.6)),
        focus=float(rng.uniform(0.5, 1.6)),
        spread=float(rng.uniform(0.7, 1.3)),
        relief=float(rng.uniform(0.02, 0.075)),
        rough=float(rng.uniform(0.3, 1.0)),
    )


def woven(weave: Weave, rng: np.random.Generator, size: tuple[int, int], px_per_mm: float, light: float) -> Field:
    """Brightness of the lit lines about 0 with unit deviation, [rows, columns]; the light comes from angle `light`."""
    period = weave.period_mm * px_per_mm
    enlarge = max(1.0, period / _COARSEST_PERIOD_PX)
    needed = (math.ceil(size[0] / enlarge) + 1, math.ceil(size[1] / enlarge) + 1)
    side = min(_LARGEST_SIDE, math.ceil(max(needed) / 64) * 64)
    tile = _lit(_tile(weave, rng, max(period / enlarge, _FINEST_PERIOD_PX), side), light)
    down, across = rng.integers(side, size=2)
    rows = np.take(tile, np.arange(down, down + needed[1]) % side, axis=0)
    whole = np.take(rows, np.arange(across, across + needed[0]) % side, axis=1)
    if enlarge > 1:
        whole = resized(whole, (round(needed[0] * enlarge), round(needed[1] * enlarge)))
    return np.asarray(whole[: size[1], : size[0]], dtype=np.float32)


def _tile(weave: Weave, rng: np.random.Generator, period_px: float, side: int) -> Field:
    """Height of the lines, periodic: ridged where the two waves are near zero."""
    down = np.fft.fftfreq(side).astype(np.float32)[:, None]
    across = np.fft.rfftfreq(side).astype(np.float32)[None, :]
    frequency = np.hypot(across, down) + np.float32(1e-9)
    way = np.arctan2(down, across)
    height = np.zeros((side, side), dtype=np.float32)
    ring = np.exp(-np.square((frequency * np.float32(2 * period_px) - 1) / np.float32(weave.spread)))
    for angle in (weave.angle, weave.angle + weave.cross):
        toward = np.exp((np.cos(2 * (way - np.float32(angle))) - 1) / np.float32(weave.focus))
        height -= np.exp(np.abs(_noise(rng, ring * toward)) * np.float32(-2.2))
    rough = np.exp(-np.square(frequency * np.float32(2.6))) / np.sqrt(frequency + np.float32(0.02))
    return np.asarray(height + np.float32(0.24 * weave.rough) * _noise(rng, rough), dtype=np.float32)


def _noise(rng: np.random.Generator, spectrum: Field) -> Field:
    """Periodic noise with the amplitude `spectrum` [side, side // 2 + 1], of unit deviation."""
    side = spectrum.shape[0]
    white = np.fft.rfft2(rng.standard_normal((side, side), dtype=np.float32))
    wave = np.fft.irfft2(white * spectrum, s=(side, side))
    return np.asarray(wave / max(float(wave.std()), 1e-9), dtype=np.float32)


def _lit(height: Field, light: float) -> Field:
    """Slope towards the light and the darkness of the hollows, of unit deviation."""
    right, below = height - np.roll(height, 1, axis=1), height - np.roll(height, 1, axis=0)
    toward = np.float32(math.cos(light)) * right + np.float32(math.sin(light)) * below
    toward = toward / max(float(toward.std()), 1e-6) + 0.8 * height / max(float(height.std()), 1e-6)
    return np.asarray((toward - toward.mean()) / max(float(toward.std()), 1e-6), dtype=np.float32)
