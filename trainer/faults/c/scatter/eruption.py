"""A rash laid on skin: where it is, how it colours, how it stands out."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops

from trainer.faults.c.fields import cloud
from trainer.faults.c.pixels import Pixels, Plane, Size, plane_of, resized_plane
from trainer.faults.c.scatter.placing import Places

Shape = Callable[[np.random.Generator], Image.Image]

_KINDS_OF_STAMP = 7


def coverage(size: Size, at: Places, diameter: float, shape: Shape, rng: np.random.Generator) -> Plane:
    """How much of a lesion is at each pixel, 0..1: stamps of a `shape` of about `diameter` (short sides) laid `at`."""
    canvas = Image.new("L", size)
    stamps = [shape(rng) for _ in range(_KINDS_OF_STAMP)]
    for x, y in at:
        # Sizes of lesions of one rash are spread about log-normally: many small, few large.
        side = max(4, round(min(size) * diameter * 1.5 * math.exp(float(rng.normal(0, 0.35)))))
        stamp = stamps[int(rng.integers(len(stamps)))].resize((side, side), Image.Resampling.BILINEAR)
        stamp = stamp.rotate(float(rng.uniform(0, 360)), Image.Resampling.BILINEAR)
        box = (round(x * size[0]) - side // 2, round(y * size[1]) - side // 2)
        under = canvas.crop((*box, box[0] + side, box[1] + side))
        canvas.paste(ImageChops.lighter(under, stamp), box)
    return plane_of(canvas)


def coloured(light: Pixels, cover: Plane, ratio: Pixels, rng: np.random.Generator) -> Pixels:
    """Light taken by a pigment that lets `ratio` (RGB, 1 = all) through, more in some lesions than in others."""
    size = (cover.shape[1], cover.shape[0])
    strength = np.clip(1 + np.float32(0.25) * cloud(rng, size, min(size) / 4, 10.0), 0.7, 1.5)
    return np.asarray(light * np.exp(np.log(ratio) * (cover * strength)[..., None]), dtype=np.float32)


def raised(light: Pixels, cover: Plane, height: float, gloss: float, rng: np.random.Generator) -> Pixels:
    """The light on a relief of `cover`: brighter to the lamp, darker behind, a glint of `gloss` where it mirrors."""
    size = (cover.shape[1], cover.shape[0])
    half = resized_plane(cover, (max(size[0] // 2, 4), max(size[1] // 2, 4)), Image.Resampling.BOX)
    down, right = np.gradient(half)
    angle = float(rng.uniform(0, math.tau))
    slope = right * np.float32(math.cos(angle)) + down * np.float32(math.sin(angle))
    slope = np.asarray(slope / max(float(np.abs(slope).max()), 1e-6), dtype=np.float32)
    glint = np.asarray(np.clip(slope - 0.35, 0, 1) ** 2 * gloss, dtype=np.float32)
    relief = 1 + np.float32(height) * resized_plane(slope, size, Image.Resampling.BILINEAR)
    shine = resized_plane(glint, size, Image.Resampling.BILINEAR)
    return np.asarray(light * relief[..., None] + shine[..., None], dtype=np.float32)
