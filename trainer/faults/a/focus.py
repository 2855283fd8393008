"""Not sharp: the lens, the hand, or a smear on the glass. Noise comes after, as it does in a camera."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.faults.fault import between

_MOST_TAPS = 129


def out_of_focus(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Blur by 0.3 % (mild) to 3 % (gross) of the short side: defocus, motion, or a smeared lens."""
    radius_px = between(0.003, 0.03, severity) * min(photo.size)
    kind = rng.choice(["defocus", "motion", "smear"], p=[0.6, 0.25, 0.15])
    if kind == "defocus":
        return grainy(defocused(photo, radius_px), rng)
    if kind == "motion":
        return grainy(_moved(photo, radius_px * 3, float(rng.uniform(0, math.pi))), rng)
    return grainy(_smeared(photo, radius_px), rng)


def defocused(photo: Image.Image, radius_px: float) -> Image.Image:
    """Blur by a disc of about `radius_px`; a wide one is blurred at lower resolution, where it costs little."""
    reduction = max(1, int(radius_px / 4))
    small = photo.reduce(reduction) if reduction > 1 else photo
    radius = radius_px / reduction
    # Two boxes convolved are close to a disc and cost the same whatever their size.
    blurred = small.filter(ImageFilter.BoxBlur(radius * 0.62)).filter(ImageFilter.BoxBlur(radius * 0.62))
    return blurred.resize(photo.size, Image.Resampling.BICUBIC) if reduction > 1 else blurred


def grainy(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add a sensor's noise, 0 to 2.5 levels of 255."""
    level = float(rng.uniform(0, 2.5))
    noise = rng.standard_normal((photo.height, photo.width, 3), dtype=np.float32) * np.float32(level)
    return Image.fromarray(np.clip(np.asarray(photo, dtype=np.float32) + noise, 0, 255).astype(np.uint8))


def _moved(photo: Image.Image, length_px: float, angle: float) -> Image.Image:
    """Mean of the photo shifted along a line of `length_px`, sampled once a pixel."""
    taps = min(max(3, math.ceil(length_px)), _MOST_TAPS)
    pixels = np.asarray(photo, dtype=np.float32)
    reach = math.ceil(length_px / 2) + 1
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    total: NDArray[np.float32] = np.zeros_like(pixels)
    for offset in np.linspace(-length_px / 2, length_px / 2, taps):
        x = reach + round(math.cos(angle) * offset)
        y = reach + round(math.sin(angle) * offset)
        total += padded[y : y + photo.height, x : x + photo.width]
    return Image.fromarray((total / taps).astype(np.uint8))


def _smeared(photo: Image.Image, radius_px: float) -> Image.Image:
    """A greasy lens: a wide glow over a softened picture, less contrast."""
    soft = defocused(photo, radius_px)
    glow = defocused(photo, radius_px * 6)
    hazy = Image.blend(soft, glow, 0.35)
    return Image.blend(hazy, Image.new("RGB", photo.size, (200, 198, 194)), 0.12)
