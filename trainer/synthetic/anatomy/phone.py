"""The phone that takes the wider view: metering on the middle, white balance, vignette, noise in colour and light."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Picture, quick_srgb
from trainer.synthetic.noise import resized


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
        crisp=float(rng.choice([0.0, rng.uniform(30, 110)])),
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
    for channel, balance in enumerate((phone.balance[0] + 0.12 * warmth, 1.0, phone.balance[1] - 0.16 * warmth)):
        picture[..., channel] *= field * np.float32(balance)
    np.minimum(picture, np.float32(4), out=picture)
    bright = picture > np.float32(0.7)
    picture[bright] = np.float32(0.7) + np.float32(0.3) * np.tanh((picture[bright] - np.float32(0.7)) / np.float32(0.6))
    photo = Image.fromarray(quick_srgb(picture)).filter(ImageFilter.GaussianBlur(phone.soft_px))
    levels = np.asarray(photo, dtype=np.float32)
    grey = levels[..., 1:2]
    levels = grey + np.float32(phone.vivid) * (levels - grey) + _noise(phone, rng, (width, height))
    photo = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    return photo.filter(ImageFilter.UnsharpMask(1.4, round(phone.crisp), 2)) if phone.crisp else photo


def _noise(phone: Phone, rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """Fine noise in light, blotches in colour; [rows, columns, RGB] in levels."""
    fine = rng.standard_normal((size[1], size[0]), dtype=np.float32) * np.float32(phone.noise)
    coarse = (max(2, size[0] // 4), max(2, size[1] // 4))
    blotches = rng.standard_normal((coarse[1], coarse[0]), dtype=np.float32) * np.float32(phone.colour_noise)
    colour = resized(blotches, size)
    return np.stack([fine + colour, fine, fine - colour], axis=2)
