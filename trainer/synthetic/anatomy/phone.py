"""The phone that takes the wider view: metering on the middle, white balance, vignette, noise in colour and light."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Curve, Picture, developed
from trainer.synthetic.noise import grains

_BRIGHTEST = 4.0  # of linear light that the curve tells apart


@dataclass(frozen=True, slots=True)
class Phone:
    """`brightness` aimed at in the middle, `balance` of red and blue, noise in levels, softness in pixels."""

    brightness: float
    balance: tuple[float, float]
    vivid: float
    vignette: float
    noise: float
    colour_noise: float
    soft_px: float
    crisp: float


def any_phone(rng: np.random.Generator) -> Phone:
    """One of many, old and new."""
    return Phone(
        brightness=float(rng.uniform(0.22, 0.42)),
        balance=(float(rng.normal(1, 0.05)), float(rng.normal(1, 0.08))),
        vivid=float(rng.uniform(0.8, 1.25)),
        vignette=float(rng.uniform(0, 0.25)),
        noise=float(rng.uniform(0.4, 3.5)),
        colour_noise=float(rng.uniform(0.0, 2.0)),
        soft_px=float(rng.uniform(0.2, 0.6)),
        crisp=float(rng.choice([0.0, rng.uniform(0.2, 1.0)])),
    )


def photographed(picture: Picture, phone: Phone, rng: np.random.Generator, warmth: float) -> Image.Image:
    """The 8-bit photo of a view in linear light, under light of a `warmth` of -1..1 that is half balanced away."""
    height, width = picture.shape[:2]
    middle = picture[height // 4 : -(height // 4) or None : 6, width // 4 : -(width // 4) or None : 6]
    level = float(np.median(middle[..., 1])) + 1e-3
    gain = (phone.brightness / level) ** 0.6
    corner = (
        np.linspace(-1, 1, height, dtype=np.float32)[:, None] ** 2
        + np.linspace(-1, 1, width, dtype=np.float32)[None, :] ** 2
    )
    field = np.float32(gain) * (1 - np.float32(phone.vignette / 2) * corner)
    for channel in (0, 2):
        picture[..., channel] += np.float32(phone.vivid - 1) * (picture[..., channel] - picture[..., 1])
    for channel, balance in enumerate((phone.balance[0] + 0.12 * warmth, 1.0, phone.balance[1] - 0.16 * warmth)):
        picture[..., channel] *= field * np.float32(balance)
    photo = Image.fromarray(developed(picture, _toned, _BRIGHTEST)).filter(_lens(phone))
    levels = np.asarray(photo, dtype=np.int16) + _noise(phone, rng, (width, height))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def _toned(light: Curve) -> Curve:
    """Straight up to a bright tone, then bending towards white."""
    return np.asarray(np.where(light < 0.7, light, 0.7 + 0.3 * np.tanh((light - 0.7) / 0.6)))


def _lens(phone: Phone) -> ImageFilter.Kernel:
    """The lens's softness and the phone's sharpening in one: a narrow bell, with a wider one taken away."""
    steps = np.arange(-2, 3)
    squared = (steps[:, None] ** 2 + steps[None, :] ** 2).astype(np.float64)
    narrow = np.exp(-squared / (2 * phone.soft_px**2))
    wide = np.exp(-squared / (2 * 1.2**2))
    kernel = (1 + phone.crisp) * narrow / narrow.sum() - phone.crisp * wide / wide.sum()
    return ImageFilter.Kernel((5, 5), kernel.ravel().tolist(), scale=1)


def _noise(phone: Phone, rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.int16]:
    """Fine noise in light, blotches in colour; [rows, columns, RGB] in levels."""
    fine = rng.standard_normal((size[1], size[0]), dtype=np.float32) * np.float32(phone.noise)
    blotches = grains(rng, size, 4.0) * np.float32(phone.colour_noise)
    noise = np.empty((size[1], size[0], 3), dtype=np.int16)
    for channel, colour in enumerate((1, 0, -1)):
        noise[..., channel] = np.rint(fine + np.float32(colour) * blotches)
    return noise
