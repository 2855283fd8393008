"""What a phone makes of too little detail: smoothing, enlarging, and a focus on the wrong thing."""

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from trainer.faults.c.fields import around, smooth
from trainer.faults.c.lesion.finding import find_spot
from trainer.faults.c.pixels import mask_of, recompressed
from trainer.faults.fault import between


def painted(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Noise taken out until only patches of paint are left, their edges sharpened."""
    scale = between(0.006, 0.026, severity) * min(photo.size)
    small = photo.resize(_fitting(photo, 1 / max(scale, 1.0)), Image.Resampling.BOX)
    flat = small.filter(ImageFilter.MedianFilter(3))
    large = flat.resize(photo.size, Image.Resampling.BICUBIC)
    return large.filter(ImageFilter.UnsharpMask(scale * 0.8, int(rng.integers(40, 130)), 2))


def enlarged(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A thumbnail or a strong digital zoom, compressed and enlarged."""
    scale = between(0.0062, 0.028, severity) * min(photo.size)
    small = photo.resize(_fitting(photo, 1 / max(scale, 1.0)), Image.Resampling.BOX)
    if rng.random() < 0.6:
        small = recompressed(small, int(rng.integers(35, 85)))
    ways = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
    return small.resize(photo.size, ways[int(rng.integers(len(ways)))])


def wrong_plane(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The lesion soft, what lies around it less so: focus on the background."""
    radius_px = between(0.005, 0.03, severity) * min(photo.size)
    soft = photo.filter(ImageFilter.GaussianBlur(radius_px))
    softer = photo.filter(ImageFilter.GaussianBlur(radius_px * 0.45))
    lesion = find_spot(photo).around.filter(ImageFilter.BoxBlur(min(photo.size) / 10))
    middle = mask_of(smooth(around(photo.size, (0.5, 0.5), float(rng.uniform(0.45, 0.7))), 0.1, 0.6))
    return Image.composite(soft, softer, ImageChops.lighter(lesion, middle))


def _fitting(photo: Image.Image, share: float) -> tuple[int, int]:
    return max(int(np.ceil(photo.width * share)), 6), max(int(np.ceil(photo.height * share)), 6)
