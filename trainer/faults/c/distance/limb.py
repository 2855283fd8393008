"""A limb in a room: what a photo taken from across the bed shows."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.faults.c.fields import axes, cloud, smooth
from trainer.faults.c.pixels import Pixels, Plane, Size, light_of, photo_of_light, resized, resized_plane


@dataclass(frozen=True, slots=True)
class Limb:
    """`cover` 0..1 where the limb is, `shade` the light on it; `x`, `y` a place on its axis in pixels."""

    cover: Plane
    shade: Plane
    x: float
    y: float


def any_limb(size: Size, wide: float, rng: np.random.Generator) -> Limb:
    """An arm or a leg across the frame, `wide` in short sides, slightly curved and tapered, lit from one side."""
    angle = float(rng.uniform(-0.9, 0.9)) + (math.pi / 2 if rng.random() < 0.3 else 0.0)
    centre = (float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.35, 0.65)))
    x, y = axes(size, centre)
    along = x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle))
    across = y * np.float32(math.cos(angle)) - x * np.float32(math.sin(angle))
    across = across + np.float32(rng.uniform(-0.15, 0.15)) * along * along
    half = np.float32(wide / 2) * (1 + np.float32(rng.uniform(-0.25, 0.25)) * along)
    half = half * (1 + np.float32(0.05) * np.sin(np.float32(rng.uniform(2, 5)) * along + np.float32(rng.uniform(0, 6))))
    offset = across / np.maximum(half, 0.02)
    round_px = max(min(size) * wide / 2, 2.0)
    cover = smooth((1 - np.abs(offset)) * np.float32(round_px), -0.5, 2.0)
    bulge = np.sqrt(np.clip(1 - offset * offset, 0, 1))
    lit = np.float32(rng.uniform(-0.6, 0.6))
    shade = np.clip(0.35 + 0.65 * (bulge * np.sqrt(1 - lit * lit) + offset * lit), 0.12, 1.1)
    at = float(rng.uniform(-0.25, 0.25))
    place_x = centre[0] * size[0] + at * math.cos(angle) * min(size)
    place_y = centre[1] * size[1] + at * math.sin(angle) * min(size)
    return Limb(cover, shade.astype(np.float32), place_x, place_y)


def room(size: Size, rng: np.random.Generator) -> Pixels:
    """What is behind it, out of focus: wall, furniture, sheet, clothes, in linear light."""
    small = (max(size[0] // 7, 12), max(size[1] // 7, 12))
    view = Image.new("RGB", small, _paint(rng, 0.35, 0.9))
    draw = ImageDraw.Draw(view)
    for _ in range(int(rng.integers(2, 7))):
        left, top = float(rng.uniform(-0.3, 0.9)) * small[0], float(rng.uniform(-0.3, 0.9)) * small[1]
        right, bottom = left + float(rng.uniform(0.1, 0.7)) * small[0], top + float(rng.uniform(0.1, 0.7)) * small[1]
        lean = float(rng.uniform(-0.2, 0.2)) * small[0]
        corners = [(left, top), (right, top + lean / 3), (right + lean, bottom), (left + lean, bottom - lean / 3)]
        draw.polygon(corners, fill=_paint(rng, 0.05, 1.0))
    if rng.random() < 0.7:
        level = float(rng.uniform(0.3, 0.7)) * small[1]
        draw.polygon(
            [(0, level), (small[0], level * float(rng.uniform(0.8, 1.2))), (small[0], small[1]), (0, small[1])],
            fill=_paint(rng, 0.3, 1.0),
        )
    soft = view.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.8, 3.0))))
    light = resized(light_of(soft), size, Image.Resampling.BILINEAR)
    folds = 1 + np.float32(rng.uniform(0.02, 0.08)) * cloud(rng, size, min(size), 10.0, 2.6)
    return np.asarray(np.clip(light * folds[..., None], 0, 1), dtype=np.float32)


def on_limb(skin: Pixels, limb: Limb, behind: Pixels) -> Image.Image:
    """Skin (linear, the frame's size) seen on the limb in front of a room."""
    cover = limb.cover[..., None]
    shadow = 1 - np.float32(0.5) * _spread(limb.cover)
    light = skin * limb.shade[..., None] * cover + behind * shadow[..., None] * (1 - cover)
    return photo_of_light(np.asarray(light, dtype=np.float32))


def _spread(cover: Plane) -> Plane:
    """The cover blurred wide, as the soft shadow that it throws around itself."""
    height, width = cover.shape
    return resized_plane(resized_plane(cover, (14, 10), Image.Resampling.BOX), (width, height))


def _paint(rng: np.random.Generator, dark: float, bright: float) -> tuple[int, int, int]:
    level = float(rng.uniform(dark, bright)) * 255
    red, green, blue = (int(np.clip(level * float(rng.normal(1, 0.08)), 0, 255)) for _ in range(3))
    return red, green, blue
