"""More skin of the kind a photo shows: random noise with the spectrum of a piece of it, so nothing repeats.

Galerne, Gousseau, Morel: "Random Phase Textures: Theory and Synthesis", IEEE TIP 2011 (asymptotic discrete spot noise).
"""

import numpy as np
from PIL import Image

from trainer.synthetic.noise import lattice


def more_skin(piece: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Texture of `size` (width, height) with the colours and the grain of `piece`."""
    pixels = np.asarray(piece, dtype=np.float32)
    mean = pixels.mean((0, 1))
    height, width = pixels.shape[:2]
    window = np.sqrt(np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[None, 1:-1])
    spot = (pixels - mean) * window[..., None].astype(np.float32)
    spot /= np.float32(np.sqrt((window * window).sum()))
    shape = (_smooth_length(size[1] + height), _smooth_length(size[0] + width))
    noise = np.fft.rfft2(rng.standard_normal(shape, dtype=np.float32))
    texture = np.empty((size[1], size[0], 3), dtype=np.float32)
    for channel in range(3):
        spectrum = np.fft.rfft2(spot[..., channel], shape) * noise
        texture[..., channel] = np.fft.irfft2(spectrum, shape)[: size[1], : size[0]] + mean[channel]
    texture *= 1 + np.float32(rng.uniform(0.01, 0.08)) * lattice(rng, size, max(size) / 3)[..., None]
    return Image.fromarray(np.clip(texture, 0, 255).astype(np.uint8))


def calmest_corner(photo: Image.Image, share: float = 0.3) -> Image.Image:
    """The corner (of `share` of each side) with the least variation: most likely bare skin."""
    width, height = photo.size
    w, h = max(int(width * share), 8), max(int(height * share), 8)
    boxes = [(x, y, x + w, y + h) for x in (0, width - w) for y in (0, height - h)]
    corners = [photo.crop(box) for box in boxes]
    return min(corners, key=_variation)


def feathered(size: tuple[int, int], rng: np.random.Generator, softness: float = 0.45) -> Image.Image:
    """Round mask ("L") with a ragged soft rim: 255 in the middle, 0 at the frame."""
    width, height = size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    distance = np.sqrt(x * x + y * y) + 0.06 * lattice(rng, size, max(width / 4, 2.0))
    rim = np.clip((0.97 - distance) / softness, 0, 1)
    return Image.fromarray((rim * rim * (3 - 2 * rim) * 255).astype(np.uint8))


def _variation(corner: Image.Image) -> float:
    return float(np.asarray(corner.reduce(4) if min(corner.size) >= 16 else corner, dtype=np.float32).std((0, 1)).sum())


def _smooth_length(length: int) -> int:
    """The next multiple of a power of two: fast to transform."""
    step = 64 if length > 256 else 16
    return -(-length // step) * step
