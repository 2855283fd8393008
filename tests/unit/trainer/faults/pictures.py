"""Pictures and measures that the tests of faults share."""

import numpy as np
from PIL import Image, ImageFilter

from trainer.faults.primitives import photo_of
from trainer.synthetic.noise import octaves


def lesion_on_skin(size: tuple[int, int] = (240, 180), radius: float = 0.16) -> Image.Image:
    """Grainy skin, a dark disc of `radius` (of the short side) in the middle."""
    rng = np.random.default_rng(3)
    width, height = size
    skin = np.array((205, 155, 130), dtype=np.float32) + 9 * octaves(rng, size, 8, 1.3, 0.9)[..., None]
    x = np.arange(width, dtype=np.float32)[None, :] - width / 2
    y = np.arange(height, dtype=np.float32)[:, None] - height / 2
    inside = np.hypot(x, y) < radius * min(size)
    return photo_of(np.where(inside[..., None], skin * 0.35, skin).astype(np.float32))


def dark_share(photo: Image.Image, level: int = 100) -> float:
    """The share of the frame darker than `level`."""
    grey = photo.convert("L").filter(ImageFilter.GaussianBlur(1))
    return float((np.asarray(grey) < level).mean())


def brightness(photo: Image.Image) -> float:
    """Mean of the middle of the frame, 0..255."""
    width, height = photo.size
    middle = photo.crop((width // 5, height // 5, width * 4 // 5, height * 4 // 5))
    return float(np.asarray(middle.convert("L"), dtype=float).mean())


def sharpness(photo: Image.Image) -> float:
    """Deviation of the Laplacian over the middle of the frame, after a breath of blur that takes out noise."""
    width, height = photo.size
    grey = photo.convert("L").filter(ImageFilter.GaussianBlur(0.6))
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128))
    return float(np.asarray(edges, dtype=float)[height // 4 : -height // 4, width // 4 : -width // 4].std())


def change(before: Image.Image, after: Image.Image) -> float:
    """Mean difference of the values, 0..255."""
    return float(np.abs(np.asarray(before, dtype=float) - np.asarray(after, dtype=float)).mean())
