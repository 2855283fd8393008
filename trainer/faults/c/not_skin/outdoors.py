"""Outdoors: a street of houses, water under a sky."""

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.c.fields import cloud, ramp, smooth
from trainer.faults.c.not_skin.palette import anything, near
from trainer.faults.c.pixels import Pixels, Size, light_of


def water(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """A sky with clouds over water or sand, ripples getting finer towards the horizon."""
    width, height = size
    horizon = int(height * float(rng.uniform(0.25, 0.65)))
    air = _sky((width, max(horizon, 2)), rng)
    rows = np.arange(1, height - air.shape[0] + 1, dtype=np.float32)[:, None] / np.float32(height)
    phase = np.float32(rng.uniform(4, 20)) / (rows + np.float32(0.03))
    wander = np.float32(0.6) * cloud(rng, (width, len(rows)), max(width / 4, 4), 4.0, 2.4)
    ripples = np.sin(phase + wander * np.float32(1.5)) * np.float32(0.5) + np.float32(0.5)
    deep = near(colour, 0.3, rng) * np.float32(0.4)
    share = np.asarray(0.8 * ripples + 0.2 * rows, dtype=np.float32)
    sea = ramp(share, np.stack([deep, air[-1].mean(0), deep]))
    return np.concatenate([air, sea])


def street(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """House fronts with rows of windows against the sky, ground before them."""
    width, height = size
    view = Image.new("RGB", size)
    draw = ImageDraw.Draw(view)
    left, ground = -float(rng.uniform(0, 0.2)) * width, height * float(rng.uniform(0.7, 0.95))
    mask = Image.new("L", size)
    cover = ImageDraw.Draw(mask)
    while left < width:
        wide, top = width * float(rng.uniform(0.12, 0.5)), height * float(rng.uniform(0.05, 0.5))
        tone = near(colour, 0.5, rng) if rng.random() < 0.5 else anything(rng)
        draw.rectangle((left, top, left + wide, ground), fill=_paint(tone))
        cover.rectangle((left, top, left + wide, ground), fill=255)
        _windows(draw, (left, top, left + wide, ground), rng)
        left += wide * float(rng.uniform(0.95, 1.1))
    cover.rectangle((0, ground, width, height), fill=255)
    draw.rectangle((0, ground, width, height), fill=_paint(anything(rng) * np.float32(0.5)))
    share = (np.asarray(mask, dtype=np.float32) / 255)[..., None]
    worn = 1 + np.float32(0.12) * cloud(rng, size, min(size) / 3, 2.0, 1.4)
    return np.asarray(light_of(view) * worn[..., None] * share + _sky(size, rng) * (1 - share), dtype=np.float32)


def _sky(size: Size, rng: np.random.Generator) -> Pixels:
    share = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    high = np.array([rng.uniform(0.05, 0.4), rng.uniform(0.2, 0.5), rng.uniform(0.4, 0.9)], dtype=np.float32)
    low = np.array([rng.uniform(0.5, 1.0), rng.uniform(0.5, 0.8), rng.uniform(0.5, 0.9)], dtype=np.float32)
    blue = high + (low - high) * np.broadcast_to(share, (size[1], size[0]))[..., None]
    clouds = smooth(cloud(rng, size, max(size) / 2, 4.0, 1.7), float(rng.uniform(-0.5, 1.5)), 2.5)[..., None]
    return np.asarray(blue * (1 - clouds) + np.float32(0.9) * clouds, dtype=np.float32)


def _windows(draw: ImageDraw.ImageDraw, front: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    left, top, right, bottom = front
    across, down = int(rng.integers(2, 7)), int(rng.integers(2, 9))
    wide, high = (right - left) / across, (bottom - top) / down
    glass = _paint(anything(rng) * np.float32(0.3))
    for row in range(down):
        for column in range(across):
            x, y = left + wide * (column + 0.25), top + high * (row + 0.2)
            draw.rectangle((x, y, x + wide * 0.5, y + high * 0.6), fill=glass, outline=(230, 230, 225))


def _paint(light: Pixels) -> tuple[int, int, int]:
    red, green, blue = (int(255 * float(np.clip(value, 0, 1)) ** (1 / 2.2)) for value in light)
    return red, green, blue
