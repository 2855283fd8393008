"""A lamp, a window or a flash over curved skin: shading of the relief, sheen where it mirrors, fall-off, shadow."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, octaves, resized

_COARSE = 48  # everything but the relief varies slowly, and is worked out on so many points a side


@dataclass(frozen=True, slots=True)
class Lamp:
    """Where the light is: over `x`, `y` (shares of the frame) at `distance` frames; how hard; its colour."""

    x: float
    y: float
    distance: float
    hardness: float
    sheen: float
    roughness: float
    warmth: float
    bend: float
    bend_angle: float
    phone_shadow: float
    dappled: float


def any_lamp(rng: np.random.Generator) -> Lamp:
    """A phone's flash near the middle, or daylight or a room lamp from the side."""
    flash = rng.random() < 0.35
    away = float(rng.uniform(0, 0.35) if flash else rng.uniform(0.6, 2.5))
    way = float(rng.uniform(0, 2 * math.pi))
    return Lamp(
        x=0.5 + away * math.cos(way),
        y=0.5 + away * math.sin(way),
        distance=float(rng.uniform(0.9, 2.0) if flash else rng.uniform(1.0, 4.0)),
        hardness=float(rng.uniform(0.5, 1.0) if flash else rng.uniform(0.2, 1.0)),
        sheen=float(rng.gamma(1.1, 0.16)),
        roughness=float(rng.uniform(0.16, 0.42)),
        warmth=float(rng.uniform(-0.25, 0.35) if flash else rng.normal(0.15, 0.5)),
        bend=float(rng.choice([rng.uniform(0, 0.25), rng.uniform(0.2, 0.9)])),
        bend_angle=float(rng.uniform(0, math.pi)),
        phone_shadow=float(max(0.0, rng.normal(-0.4, 0.4))),
        dappled=float(max(0.0, rng.normal(-0.05, 0.12))),
    )


def lit(reflected: Picture, height_px: Field, gloss: Field, lamp: Lamp, rng: np.random.Generator) -> None:
    """Turn reflectances into the light that reaches the camera, in place; `height_px` is the relief in pixels."""
    rows, columns = height_px.shape
    frame = _Frame(lamp, rng, columns, rows)
    slope_x, slope_y = _slopes(height_px)
    tilt = frame.spread("toward_x") * slope_x + frame.spread("toward_y") * slope_y
    direct = frame.spread("level") * np.clip(1 - np.float32(0.55 * lamp.hardness) * tilt, 0.25, 1.9)
    colour = np.array([1 + 0.13 * lamp.warmth, 1.0, 1 - 0.20 * lamp.warmth], dtype=np.float32)
    for channel in range(3):
        reflected[..., channel] *= direct * colour[channel]
    off_x = slope_x - frame.spread("mirror_x")
    off_y = slope_y - frame.spread("mirror_y")
    width = np.float32(1 / (2 * lamp.roughness**2))
    sheen = np.exp(-(off_x * off_x + off_y * off_y) * width) * np.float32(lamp.sheen) * (np.float32(0.35) + gloss)
    reflected += sheen[..., None] * colour


class _Frame:
    """What varies slowly over the frame, on a coarse grid."""

    def __init__(self, lamp: Lamp, rng: np.random.Generator, columns: int, rows: int) -> None:
        self._size = (columns, rows)
        longest = max(columns, rows)
        x = np.linspace(0, columns / longest, _COARSE, dtype=np.float32)[None, :]
        y = np.linspace(0, rows / longest, _COARSE, dtype=np.float32)[:, None]
        middle_x, middle_y = columns / longest / 2, rows / longest / 2
        lamp_x, lamp_y = lamp.x * columns / longest, lamp.y * rows / longest
        across = (x - middle_x) * math.cos(lamp.bend_angle) + (y - middle_y) * math.sin(lamp.bend_angle)
        curve = across * np.float32(lamp.bend)  # slope of the limb's surface, as of a wide cylinder
        slope_x, slope_y = curve * math.cos(lamp.bend_angle), curve * math.sin(lamp.bend_angle)
        to_x, to_y = lamp_x - x, lamp_y - y
        far = np.sqrt(to_x * to_x + to_y * to_y + lamp.distance**2)
        to_x, to_y, to_z = to_x / far, to_y / far, lamp.distance / far
        facing = (to_z + slope_x * to_x + slope_y * to_y) / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
        level = np.float32(0.25) + np.float32(0.75) * np.clip(facing, 0, 2) * (lamp.distance / far) ** 2
        level = level / level.mean() * self._shadows(lamp, rng, x, y)
        self._fields = {
            "level": level,
            "toward_x": to_x / np.maximum(to_z, 0.3),
            "toward_y": to_y / np.maximum(to_z, 0.3),
            # the surface must tilt by half of the angle to the lamp to mirror it into a camera straight above
            "mirror_x": -0.5 * to_x / np.maximum(to_z, 0.3) + slope_x,
            "mirror_y": -0.5 * to_y / np.maximum(to_z, 0.3) + slope_y,
        }

    def spread(self, name: str) -> Field:
        """One of the fields at the picture's size."""
        field = np.broadcast_to(self._fields[name], (_COARSE, _COARSE)).astype(np.float32)
        return resized(np.ascontiguousarray(field), self._size)

    def _shadows(self, lamp: Lamp, rng: np.random.Generator, x: Field, y: Field) -> Field:
        shade = np.ones((_COARSE, _COARSE), dtype=np.float32)
        if lamp.phone_shadow > 0.05:
            way = float(rng.uniform(0, 2 * math.pi))
            into = x * math.cos(way) + y * math.sin(way) - float(rng.uniform(0.3, 0.9))
            shade *= 1 - np.float32(min(lamp.phone_shadow, 0.55)) / (1 + np.exp(-into * 14))
        if lamp.dappled > 0.03:
            shade *= np.clip(1 + np.float32(lamp.dappled) * octaves(rng, (_COARSE, _COARSE), 20, 5), 0.5, 1.5)
        return shade


def _slopes(height_px: Field) -> tuple[Field, Field]:
    """Slope of the surface to the right and downwards, by central differences."""
    across, down = np.zeros_like(height_px), np.zeros_like(height_px)
    np.subtract(height_px[:, 2:], height_px[:, :-2], out=across[:, 1:-1])
    np.subtract(height_px[2:], height_px[:-2], out=down[1:-1])
    across *= np.float32(0.5)
    down *= np.float32(0.5)
    return across, down
