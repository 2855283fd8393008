"""Surfaces made of cells: leather, pebbles, crumb, mosaic.

Worley: "A Cellular Texture Basis Function", SIGGRAPH 1996.
"""

import numpy as np
from numpy.typing import NDArray

from trainer.faults.c.fields import cloud, ramp, smooth
from trainer.faults.c.not_skin.palette import near
from trainer.faults.c.pixels import Pixels, Plane, Size, resized_plane


def cells(
    size: Size, cell_px: float, disorder: float, rng: np.random.Generator
) -> tuple[Plane, Plane, NDArray[np.intp]]:
    """Distances to the nearest and the next seed (in cells), and the nearest one's number, for each pixel."""
    cell = max(cell_px, 3.0)
    columns, rows = int(size[0] / cell) + 4, int(size[1] / cell) + 4
    jitter = rng.uniform(-disorder / 2, disorder / 2, (rows, columns, 2)).astype(np.float32)
    x = np.arange(size[0], dtype=np.float32) / np.float32(cell) + np.float32(1.5)
    y = np.arange(size[1], dtype=np.float32) / np.float32(cell) + np.float32(1.5)
    column, row = x.astype(np.intp), y.astype(np.intp)
    nearest = np.full((size[1], size[0]), np.inf, dtype=np.float32)
    second, number = nearest.copy(), np.zeros(nearest.shape, dtype=np.intp)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            at = np.ix_(row + down, column + right)
            seed = jitter[at]
            across = x[None, :] - (column + right)[None, :] - np.float32(0.5) - seed[..., 0]
            along = y[:, None] - (row + down)[:, None] - np.float32(0.5) - seed[..., 1]
            distance = (across * across + along * along).astype(np.float32)
            closer = distance < nearest
            second = np.minimum(second, np.maximum(distance, nearest))
            number = np.where(closer, (row + down)[:, None] * columns + (column + right)[None, :], number)
            nearest = np.minimum(nearest, distance)
    return np.sqrt(nearest), np.sqrt(second), number


def leather(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Grain between fine furrows, in uneven light, sometimes with a seam."""
    half = (max(size[0] // 2, 8), max(size[1] // 2, 8))
    near_px, next_px, _ = cells(half, min(half) / float(rng.uniform(18, 55)), 0.95, rng)
    furrow = resized_plane(smooth(next_px - near_px, 0.0, float(rng.uniform(0.15, 0.4))), size)
    worn = cloud(rng, size, max(size) / 3, 4.0, 1.8)
    light = (0.62 + 0.38 * furrow) * (1 + np.float32(0.12) * worn)
    if rng.random() < 0.5:
        row = int(rng.uniform(0.1, 0.85) * size[1])
        thread = max(min(size) // 60, 2)
        light[row : row + thread] *= 0.45
        gap = max(size[0] // 24, 4)
        for left in range(0, size[0], gap):
            light[row + thread * 3 : row + thread * 4, left : left + gap * 2 // 3] *= 1.5
    return near(colour, 0.12, rng) * light[..., None]


def pebbles(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Gravel, asphalt or a wall of field stones: rounded cells of several colours with dark joints."""
    half = (max(size[0] // 2, 8), max(size[1] // 2, 8))
    near_px, next_px, number = cells(half, min(half) / float(rng.uniform(5, 45)), 0.9, rng)
    tones = np.stack([near(colour, 0.3, rng) for _ in range(64)]) * rng.uniform(0.5, 1.4, (64, 1)).astype(np.float32)
    dome = smooth(next_px - near_px, 0.0, 0.35) * (1 - np.float32(0.45) * near_px)
    lit = tones[number * 7919 % 64] * (np.float32(0.12) + dome)[..., None]
    grain = 1 + np.float32(0.18) * cloud(rng, size, 10.0, 1.2, 1.0)
    return np.stack([resized_plane(lit[..., channel], size) for channel in range(3)], axis=-1) * grain[..., None]


def mosaic(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Small square or broken tiles, glossy, with light joints."""
    near_px, next_px, number = cells(size, min(size) / float(rng.uniform(5, 16)), float(rng.choice([0.12, 0.5])), rng)
    tones = np.stack([near(colour, float(rng.uniform(0.1, 0.6)), rng) for _ in range(9)])
    joint = smooth(next_px - near_px, 0.05, 0.12)[..., None]
    gloss = np.clip(cloud(rng, size, max(size) / 2, 12.0, 2.5) - 1, 0, 1)[..., None] * np.float32(0.4)
    return np.asarray(tones[number * 31 % 9] * joint + np.float32(0.7) * (1 - joint) + gloss, dtype=np.float32)


def crumb(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """The cut face of bread or a sponge: holes of many sizes in something pale."""
    bubbles = cloud(rng, size, min(size) / float(rng.uniform(12, 40)), 1.5, 1.7)
    holes = smooth(bubbles, float(rng.uniform(0.5, 1.0)), 2.0)
    pale = np.clip(colour * 1.2 + np.float32(0.1), 0, 1)
    tones = np.stack([pale, pale * np.float32(0.75), pale * np.array([0.4, 0.28, 0.2], dtype=np.float32)])
    return ramp(np.clip(holes + np.float32(0.08) * cloud(rng, size, 6.0, 1.2, 1.0), 0, 1), tones)
