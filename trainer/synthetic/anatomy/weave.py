"""The skin's lines as a tile of band-limited noise made in the frequency domain, lit on the tile itself."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.synthetic.noise import Field, resized

_SIDE = 448
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
    tile = _lit(_tile(weave, rng, max(period / enlarge, _FINEST_PERIOD_PX)), light)
    needed = (math.ceil(size[0] / enlarge) + 1, math.ceil(size[1] / enlarge) + 1)
    down, across = rng.integers(_SIDE, size=2)
    tiled = np.take(
        np.take(tile, np.arange(down, down + needed[1]) % _SIDE, axis=0),
        np.arange(across, across + needed[0]) % _SIDE,
        axis=1,
    )
    whole = (
        tiled
        if enlarge == 1
        else resized(np.ascontiguousarray(tiled), (round(needed[0] * enlarge), round(needed[1] * enlarge)))
    )
    return np.asarray(whole[: size[1], : size[0]], dtype=np.float32)


def _tile(weave: Weave, rng: np.random.Generator, period_px: float) -> Field:
    """Height of the lines, periodic: ridged where the two waves are near zero."""
    fy, fx = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)[None, :]
    frequency = np.hypot(fx, fy) + 1e-9
    way = np.arctan2(fy, fx)
    height = np.zeros((_SIDE, _SIDE))
    for angle in (weave.angle, weave.angle + weave.cross):
        ring = np.exp(-(((frequency * period_px * 2 - 1) / weave.spread) ** 2))
        toward = np.exp((np.cos(2 * (way - angle)) - 1) / weave.focus)
        wave = _noise(rng, ring * toward)
        height -= np.exp(-np.abs(wave) * 2.2)
    cut = np.exp(-((frequency * 2.6) ** 2))
    return np.asarray(height + 0.24 * weave.rough * _noise(rng, cut / np.sqrt(frequency + 0.02)), dtype=np.float32)


def _noise(rng: np.random.Generator, spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
    """Noise with the amplitude `spectrum`, of unit deviation."""
    white = np.fft.rfft2(rng.standard_normal((_SIDE, _SIDE), dtype=np.float32))
    wave = np.fft.irfft2(white * spectrum.astype(np.float32), s=(_SIDE, _SIDE))
    return np.asarray(wave / max(float(wave.std()), 1e-9))


def _lit(height: Field, light: float) -> Field:
    """Slope towards the light and the darkness of the hollows, of unit deviation."""
    toward = math.cos(light) * (height - np.roll(height, 1, axis=1)) + math.sin(light) * (
        height - np.roll(height, 1, axis=0)
    )
    toward = toward / max(float(toward.std()), 1e-6) + 0.8 * height / max(float(height.std()), 1e-6)
    return np.asarray((toward - toward.mean()) / max(float(toward.std()), 1e-6), dtype=np.float32)
