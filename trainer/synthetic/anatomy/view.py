"""What stands before the camera, on a coarse grid: where the body is, how it turns, how the light falls on it."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.synthetic.anatomy.body import Part, height_mm, inside_mm
from trainer.synthetic.noise import Field, octaves, resized

_LONGEST = 200

MOST_BLIND = 0.1
"""Of the light, up and down: what the bands of a blind may take without harm."""


@dataclass(frozen=True, slots=True)
class Framing:
    """The camera's place: the body's point (mm) that the share `x`, `y` of the frame shows, turn and scale."""

    part: Part
    at_x: float
    at_y: float
    x: float
    y: float
    angle: float
    field_mm: float


@dataclass(frozen=True, slots=True)
class Light:
    """From the angle `way`, so hard (0..1), so bright on what is behind, `warmth` -1 (cold) .. 1.

    `blind`: what the bands of a blind add and take, 0 .. `MOST_BLIND`.
    """

    way: float
    slant: float
    hard: float
    behind: float
    warmth: float
    blind: float
    falloff: float


def any_light(rng: np.random.Generator) -> Light:
    """A room's lamp, a window, the sky, or the phone's flash, which leaves what is behind dark."""
    flash = rng.random() < 0.3
    return Light(
        way=float(rng.uniform(0, 2 * math.pi)),
        slant=float(rng.uniform(0.0, 0.3) if flash else rng.uniform(0.2, 1.1)),
        hard=float(rng.uniform(0.4, 0.8) if flash else rng.uniform(0.15, 0.8)),
        behind=float(rng.uniform(0.15, 0.7) if flash else rng.uniform(0.6, 1.5)),
        warmth=float(rng.uniform(-0.3, 0.3) if flash else np.clip(rng.normal(0.1, 0.5), -1, 1)),
        blind=float(rng.choice([0.0, rng.uniform(0.03, MOST_BLIND)], p=[0.98, 0.02])),
        falloff=float(rng.uniform(0.1, 0.5) if flash else rng.uniform(0, 0.25)),
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """At the picture's size: share of body (0..1), light on the body, light on the room with the body's shadow."""

    body: Field
    on_body: Field
    on_room: Field


def seen(framing: Framing, light: Light, rng: np.random.Generator, size: tuple[int, int]) -> Seen:
    """Work out the frame of `size` (width, height)."""
    scale = min(1.0, _LONGEST / max(size))
    small = (max(12, round(size[0] * scale)), max(12, round(size[1] * scale)))
    x, y = _millimetres(framing, small)
    inside = inside_mm(framing.part, x, y)
    pixel_mm = framing.field_mm / min(small)
    shade = _shade(height_mm(framing.part, x, y), light, rng, pixel_mm, framing.angle)
    shadow = _shadow(inside, light, pixel_mm)
    px_per_mm = min(size) / framing.field_mm
    soft = np.clip(resized(inside, size) * np.float32(px_per_mm / 1.6) + np.float32(0.5), 0, 1)
    return Seen(soft, resized(shade, size), resized(shadow * np.float32(light.behind), size))


def body_at(framing: Framing, x: Field, y: Field, size: tuple[int, int]) -> Field:
    """How far inside the body (mm) the points at shares `x`, `y` of a frame of `size` are."""
    right = (x - np.float32(framing.x)) * np.float32(size[0] / min(size))
    down = (y - np.float32(framing.y)) * np.float32(size[1] / min(size))
    return inside_mm(framing.part, *_turn(framing, right, down))


def _millimetres(framing: Framing, small: tuple[int, int]) -> tuple[Field, Field]:
    short = np.float32(min(small))
    right = (np.arange(small[0], dtype=np.float32) + np.float32(0.5 - framing.x * small[0])) / short
    down = (np.arange(small[1], dtype=np.float32) + np.float32(0.5 - framing.y * small[1])) / short
    return _turn(framing, right[None, :].astype(np.float32), down[:, None].astype(np.float32))


def _turn(framing: Framing, right: Field, down: Field) -> tuple[Field, Field]:
    """Body coordinates of points given in short sides of the frame from the framed point."""
    cosine, sine = math.cos(framing.angle) * framing.field_mm, math.sin(framing.angle) * framing.field_mm
    return framing.at_x + cosine * right - sine * down, framing.at_y + sine * right + cosine * down


def _shade(height: Field, light: Light, rng: np.random.Generator, pixel_mm: float, angle: float) -> Field:
    """Light that the body's surface gives back, about 1 where it faces the light."""
    smooth = _smoothed(height)
    slope_y, slope_x = np.gradient(smooth, pixel_mm)
    steep = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    toward_x, toward_y = math.cos(light.way) * math.sin(light.slant), math.sin(light.way) * math.sin(light.slant)
    facing = steep * (math.cos(light.slant) - toward_x * slope_x - toward_y * slope_y)
    shade = (1 - light.hard) * (0.45 + 0.55 * steep) + light.hard * np.clip(facing, 0, 1) + 0.06
    rows, columns = height.shape
    across = np.linspace(-1, 1, columns)[None, :] * math.cos(light.way + angle) + np.linspace(-1, 1, rows)[
        :, None
    ] * math.sin(light.way)
    shade = shade * (1 + light.falloff * across)
    if light.blind:
        # The sun is wide: behind a blind a few metres away, its bands run into each other.
        bands = np.sin(across * float(rng.uniform(6, 12)) + 0.5)
        shade = shade * (1 + light.blind * bands)
    uneven = 1 + 0.04 * octaves(rng, (columns, rows), columns / 2, columns / 10)
    return np.asarray(np.clip(shade * uneven, 0.04, 1.6), dtype=np.float32)


def _shadow(inside: Field, light: Light, pixel_mm: float) -> Field:
    """The body's soft shadow on what is close behind it."""
    off = min(14 * light.slant / pixel_mm, min(inside.shape) / 4)
    moved = np.roll(inside, (-round(off * math.sin(light.way)), -round(off * math.cos(light.way))), axis=(0, 1))
    return np.asarray(1 - 0.55 * light.hard * np.clip((moved + 8) / 18, 0, 1), dtype=np.float32)


def _smoothed(height: Field) -> Field:
    image = Image.fromarray(np.ascontiguousarray(height, dtype=np.float32))
    small = image.resize((max(image.width // 2, 4), max(image.height // 2, 4)), Image.Resampling.BOX)
    return resized(np.asarray(small, dtype=np.float32), image.size)
