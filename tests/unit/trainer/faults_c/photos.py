"""Drawn photos to spoil, and what is measured on them."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.faults.c.fields import cloud
from trainer.faults.c.pixels import photo_of_coded


def skin_with_lesion(size: tuple[int, int] = (320, 240), diameter: float = 0.3, seed: int = 5) -> Image.Image:
    """Textured skin with one dark round lesion of `diameter` (short sides) in the middle."""
    rng = np.random.default_rng(seed)
    texture = 1 + np.float32(0.05) * cloud(rng, size, 12.0, 1.0, 0.8)
    skin = photo_of_coded(np.array([0.82, 0.63, 0.53], dtype=np.float32) * texture[..., None])
    mask = Image.new("L", size)
    reach = min(size) * diameter / 2
    x, y = size[0] / 2, size[1] / 2
    ImageDraw.Draw(mask).ellipse((x - reach, y - reach, x + reach, y + reach), fill=230)
    lesion = photo_of_coded(np.array([0.32, 0.18, 0.14], dtype=np.float32) * (texture**3)[..., None])
    return Image.composite(lesion, skin, mask.filter(ImageFilter.GaussianBlur(1)))


def brightness(photo: Image.Image) -> float:
    return float(np.asarray(photo, dtype=float).mean())


def sharpness(photo: Image.Image) -> float:
    """Deviation between neighbours four pixels apart or less: of grain smoothed away and of edges."""
    grey = np.asarray(photo.convert("L").filter(ImageFilter.BoxBlur(1)), dtype=float)
    return float(np.diff(grey, axis=0).std() + np.diff(grey, axis=1).std())


def change(before: Image.Image, after: Image.Image) -> float:
    """Mean absolute difference, of 255."""
    return float(np.abs(np.asarray(before, dtype=float) - np.asarray(after, dtype=float)).mean())


def dark_share(photo: Image.Image) -> float:
    """Share of pixels much darker than the photo's usual one."""
    grey = np.asarray(photo.convert("L"), dtype=float)
    return float((grey < np.median(grey) * 0.72).mean())
