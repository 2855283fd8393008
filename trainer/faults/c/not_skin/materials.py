"""Things that grow or are made in lines: wood, fur, knitting, board, brushed metal, marble, plaster."""

import math

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.c.fields import axes, cloud, filtered_noise, ramp, slope_across, smooth
from trainer.faults.c.not_skin.palette import near
from trainer.faults.c.pixels import Pixels, Plane, Size, light_of


def wood(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """A board sawn out of rings about an axis that is not quite straight, with pores along it."""
    x, y = axes(size)
    if rng.random() < 0.5:
        x, y = y, x
    tilt, bend = float(rng.uniform(0.05, 0.35)), np.float32(0.025) * cloud(rng, size, max(size), 24.0, 3.0)
    depth = np.float32(rng.uniform(0.05, 0.6)) + x * np.float32(tilt) + bend
    radius = np.sqrt((y + np.float32(rng.uniform(-0.4, 0.4)) + bend) ** 2 + depth**2)
    rings = radius * np.float32(rng.uniform(14, 45))
    year = rings - np.floor(rings)
    fibre = _drawn_out(size, x.shape[0] == 1, rng)
    late = smooth(year, 0.3, 0.95) * (1 - smooth(year, 0.95, 1.0))
    dark = near(colour, 0.1, rng) * np.array([0.62, 0.5, 0.4], dtype=np.float32)
    plank = ramp(np.clip(late + np.float32(0.12) * fibre, 0, 1), np.stack([colour, dark]))
    return _in_boards(plank, size, x.shape[0] == 1, rng)


def brushed_metal(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Fine scratches one way, and the long reflections they make."""
    grey = np.full(3, float(colour.mean()) * 0.5 + 0.25, dtype=np.float32)
    tint = grey * (1 - 0.3) + colour * np.float32(0.3)
    run = slope_across(size, float(rng.uniform(0, math.tau)))
    glare = np.exp(-(((run - np.float32(rng.uniform(-0.5, 0.5))) / np.float32(0.35)) ** 2))
    scratches = 1 + np.float32(rng.uniform(0.05, 0.2)) * _drawn_out(size, rng.random() < 0.5, rng)
    return np.asarray(tint * (scratches * (np.float32(0.55) + np.float32(0.7) * glare))[..., None], dtype=np.float32)


def fur(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Hair over hair, lying along a flow, from dark roots to light tips."""
    small = (min(size[0], 640), min(size[1], 640))
    view = Image.new("RGB", small, _paint(colour * np.float32(0.25)))
    draw = ImageDraw.Draw(view)
    flow = cloud(rng, (16, 16), 16.0, 1.0, 2.0) * np.float32(0.7) + np.float32(rng.uniform(0, math.tau))
    long_px = min(small) * float(rng.uniform(0.05, 0.16))
    count = 2600
    places = rng.uniform(-0.05, 1.05, (count, 2)) * small
    levels = np.sort(rng.uniform(0.3, 1.5, count) + rng.normal(0, 0.25, count))
    for (x, y), level in zip(places.tolist(), levels.tolist(), strict=True):
        angle = float(flow[int(np.clip(y / small[1] * 16, 0, 15)), int(np.clip(x / small[0] * 16, 0, 15))])
        bow = long_px * 0.15
        middle = (x + math.cos(angle) * long_px / 2 - math.sin(angle) * bow, y + math.sin(angle) * long_px / 2)
        tip = (x + math.cos(angle) * long_px, y + math.sin(angle) * long_px)
        draw.line([(x, y), middle, tip], fill=_paint(colour * np.float32(level)), width=1 + int(level * 2) % 3)
    return light_of(view.resize(size, Image.Resampling.BICUBIC))


def knitting(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Rows of stitches, each two slanted loops, in one to three yarns."""
    x, y = axes(size)
    stitches = float(rng.uniform(9, 40))
    warp = np.float32(0.12) * cloud(rng, size, max(size) / 2, 8.0, 2.4)
    across, down = x * np.float32(stitches) + warp, y * np.float32(stitches * 1.25) + warp
    side = across - np.floor(across) - np.float32(0.5)
    row = down + np.abs(side) * np.float32(1.3)
    loop = np.abs(np.sin(np.float32(math.pi) * row)) ** np.float32(0.6)
    strand = np.sqrt(np.clip(1 - (np.abs(np.abs(side) - np.float32(0.25)) * 4) ** 2, 0, 1))
    twist = 1 + np.float32(0.15) * np.sin(np.float32(math.tau * 3) * (row + side * 2))
    yarns = np.stack([near(colour, 0.25, rng) for _ in range(int(rng.integers(1, 4)))])
    which = (np.floor(row / float(rng.integers(1, 6)))).astype(int) % len(yarns)
    lit = np.float32(0.18) + np.float32(0.82) * loop * strand * twist
    return np.asarray(yarns[which] * lit[..., None], dtype=np.float32)


def board(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Cardboard or paper: fibres, faint flutes, a fold or a printed line."""
    x, y = axes(size)
    flutes = np.sin((x if rng.random() < 0.5 else y) * np.float32(math.tau * rng.uniform(12, 60)))
    fibres = filtered_noise(rng, size, 0.08, 1.2, 6.0)
    light = 1 + np.float32(rng.uniform(0.0, 0.06)) * flutes + np.float32(0.04) * fibres
    fold = slope_across(size, float(rng.uniform(0, math.tau))) - np.float32(rng.uniform(-0.5, 0.5))
    light *= np.where(fold > 0, np.float32(1), np.float32(rng.uniform(0.75, 0.95)))
    light = light * (1 - np.float32(0.4) * np.exp(-((fold * 120) ** 2)))
    return np.asarray(near(colour, 0.1, rng) * light[..., None], dtype=np.float32)


def marble(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Veins where a warped field passes zero, over clouds."""
    warp = cloud(rng, size, max(size) / 1.5, 2.0, 1.6)
    veins = np.exp(-np.abs(warp) * np.float32(rng.uniform(5, 14)))
    fine = np.exp(-np.abs(cloud(rng, size, max(size) / 3, 2.0, 1.6)) * 16) * np.float32(0.5)
    pale = np.clip(colour + np.float32(rng.uniform(0.1, 0.4)), 0, 1)
    share = np.clip(veins + fine + np.float32(0.1) * warp, 0, 1)
    return ramp(share, np.stack([pale, near(colour, 0.4, rng) * np.float32(0.35)]))


def plaster(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """A rough wall in slanting light, or sand with ripples; cracks sometimes."""
    relief = cloud(rng, size, min(size) / float(rng.uniform(6, 30)), 1.5, float(rng.uniform(1.2, 1.8)))
    if rng.random() < 0.4:
        run = slope_across(size, float(rng.uniform(0, math.pi))) * np.float32(rng.uniform(25, 70))
        relief = np.asarray(0.4 * relief + 1.5 * np.sin(run + 0.8 * relief), dtype=np.float32)
    down, right = np.gradient(relief)
    slope = np.asarray(0.8 * right + 0.6 * down, dtype=np.float32)
    light = 1 + slope * np.float32(rng.uniform(0.05, 0.2) / max(float(slope.std()), 1e-4))
    if rng.random() < 0.4:
        crack = np.exp(-((cloud(rng, size, max(size), 2.0, 1.7) * np.float32(min(size) / 6)) ** 2))
        light = light * (1 - np.float32(0.7) * crack)
    return np.asarray(near(colour, 0.15, rng) * light[..., None], dtype=np.float32)


def _drawn_out(size: Size, along_rows: bool, rng: np.random.Generator) -> Plane:
    """Noise in long thin streaks, along the rows or down the columns."""
    if along_rows:
        return filtered_noise(rng, size, 0.2, 1.0, 40.0)
    return np.ascontiguousarray(filtered_noise(rng, (size[1], size[0]), 0.2, 1.0, 40.0).T)


def _in_boards(plank: Pixels, size: Size, along_rows: bool, rng: np.random.Generator) -> Pixels:
    """The plank cut into boards with dark joints, in two of three cases."""
    if rng.random() < 0.35:
        return plank
    count = int(rng.integers(2, 6))
    position = np.linspace(0, count, size[1] if along_rows else size[0], dtype=np.float32)
    tone = rng.uniform(0.75, 1.15, count + 1).astype(np.float32)[position.astype(int)]
    joint = 1 - np.float32(0.75) * np.exp(-(((position - np.round(position)) * 60) ** 2))
    factor = (tone * joint)[:, None] if along_rows else (tone * joint)[None, :]
    return np.asarray(plank * factor[..., None], dtype=np.float32)


def _paint(light: Pixels) -> tuple[int, int, int]:
    red, green, blue = (int(255 * float(np.clip(value, 0, 1)) ** (1 / 2.2)) for value in light)
    return red, green, blue
