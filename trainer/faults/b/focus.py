"""Not sharp, in five ways of life: a lens set wrong, a hand, a fogged lens, focus on something else, too few pixels."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.b.convolution import aperture, convolved, shake
from trainer.faults.fault import between
from trainer.faults.primitives import as_jpeg, axes, clouds, grained, mixed, photo_of, pixels, smoothstep
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.noise import Field

_LEAST_RADIUS_PX = 1.6  # under it a blur does not show, however small the photo


def out_of_focus(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Soften the lesion by 0.5 % (mild) to 2.8 % (gross) of the short side, in one of five ways."""
    radius_px = max(between(0.005, 0.028, severity) * min(photo.size), _LEAST_RADIUS_PX * (1 + severity))
    way = _WAYS[int(rng.choice(len(_WAYS), p=_CHANCES))]
    soft = way(photo, radius_px, severity, rng)
    return photo_of(grained(pixels(soft), float(rng.uniform(0, 2)), rng))


def through_lens(photo: Image.Image, radius_px: float, rng: np.random.Generator) -> Image.Image:
    """The photo as a lens with a round or bladed stop shows it when it is out by `radius_px`, in linear light."""
    blades = int(rng.choice([0, 0, 5, 6, 7]))
    spread = aperture(radius_px, blades, float(rng.uniform(0, 2 * np.pi)))
    return Image.fromarray(to_srgb(convolved(to_linear(pixels(photo)), spread)))


def veiled(photo: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Breath or grease on the lens: `strength` (0..1) of an uneven pale veil, and as much less contrast."""
    values = pixels(photo)
    pale = values.mean((0, 1)) * np.float32(0.5) + np.float32(rng.uniform(90, 125))
    uneven = np.clip(1 + 0.25 * clouds(rng, photo.size, max(photo.size) / 2), 0.3, 1.5)
    return photo_of(mixed(values, np.broadcast_to(pale, values.shape), np.clip(strength * uneven, 0, 0.95)))


def _lens(photo: Image.Image, radius_px: float, _severity: float, rng: np.random.Generator) -> Image.Image:
    return through_lens(photo, radius_px, rng)


def _hand(photo: Image.Image, radius_px: float, _severity: float, rng: np.random.Generator) -> Image.Image:
    spread = shake(radius_px * float(rng.uniform(4.5, 6)), rng)
    return Image.fromarray(to_srgb(convolved(to_linear(pixels(photo)), spread)))


def _fog(photo: Image.Image, radius_px: float, severity: float, rng: np.random.Generator) -> Image.Image:
    """Fog scatters: much of the light goes far, the rest is a little soft."""
    near = to_linear(pixels(through_lens(photo, radius_px * 0.8, rng)))
    small = Image.fromarray(to_srgb(near)).reduce(8)
    glow = to_linear(pixels(small.resize(photo.size, Image.Resampling.BICUBIC)))
    share = np.float32(between(0.3, 0.7, severity))
    return veiled(Image.fromarray(to_srgb(near * (1 - share) + glow * share)), between(0.15, 0.55, severity), rng)


def _elsewhere(photo: Image.Image, radius_px: float, _severity: float, rng: np.random.Generator) -> Image.Image:
    """Focus on something near an edge of the frame; the lesion, in the middle, is soft."""
    soft = pixels(through_lens(photo, radius_px * 1.25, rng))
    return photo_of(mixed(soft, pixels(photo), _sharp_edge(photo.size, rng)))


def _sharp_edge(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """1 in a strip along one side of the frame, at any angle, 0 from well before the middle on."""
    x, y = axes(size)
    angle = float(rng.uniform(0, 2 * np.pi))
    out = np.cos(angle) * x + np.sin(angle) * y + 0.03 * clouds(rng, size, max(size) / 4)
    return smoothstep((out - float(rng.uniform(0.36, 0.44))) / np.float32(0.12))


def _few_pixels(photo: Image.Image, radius_px: float, severity: float, rng: np.random.Generator) -> Image.Image:
    """Sent small and blown up again: a cropped screenshot, a messenger's thumbnail, digital zoom."""
    factor = 1 + 1.3 * radius_px
    small_size = (max(round(photo.width / factor), 12), max(round(photo.height / factor), 12))
    small = photo.resize(small_size, Image.Resampling.BOX if rng.random() < 0.5 else Image.Resampling.LANCZOS)
    if rng.random() < 0.6:
        small = as_jpeg(small, round(between(75, 40, severity)))
    back = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)[int(rng.integers(2))]
    return small.resize(photo.size, back)


_WAYS: tuple[Callable[[Image.Image, float, float, np.random.Generator], Image.Image], ...] = (
    _lens,
    _hand,
    _fog,
    _elsewhere,
    _few_pixels,
)
_CHANCES = (0.32, 0.2, 0.15, 0.13, 0.2)
