"""Laying a mask over a photo in a colour that shows against what is under it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

_LEAST_CONTRAST = 90.0  # of 255 between ink and ground: less is no mark that anyone would see
_LEAST_DISTANCE = 170.0  # of 441 over RGB: a loud colour shows by itself
_LIGHTNESS = np.array((0.3, 0.59, 0.11))

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour, how much it covers (0..1), and whether a shadow or an outline sets it off."""

    colour: Colour
    opacity: float
    shadow: bool


def any_ink(opacity: float, rng: np.random.Generator) -> Ink:
    """White mostly, black often, any colour sometimes."""
    kind = rng.random()
    grey = int(rng.integers(225, 256)) if kind < 0.55 else int(rng.integers(0, 45))
    loud = tuple(int(value) for value in rng.integers(0, 256, 3))
    colour = (grey, grey, grey) if kind < 0.8 else (loud[0], loud[1], loud[2])
    return Ink(colour, opacity, bool(rng.random() < 0.35))


def lay(photo: Image.Image, mask: Image.Image, place: tuple[int, int], ink: Ink) -> Image.Image:
    """The photo with `mask` ("L") in `ink`, its upper left corner at `place`; beyond the frame it is cut."""
    whole = Image.new("L", photo.size)
    whole.paste(mask, place)
    box = whole.getbbox()
    if box is None:
        return photo
    cover = whole.point([round(value * ink.opacity) for value in range(256)])
    if ink.shadow:
        away = max(1, min(photo.size) // 200)
        dark = ImageChops.offset(cover, away, away).point([round(value * 0.6) for value in range(256)])
        photo = Image.composite(Image.new("RGB", photo.size, (15, 15, 15)), photo, dark)
    colour = _showing(ink, _ground(photo, box))
    return Image.composite(Image.new("RGB", photo.size, colour), photo, cover)


def _ground(photo: Image.Image, box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """The mean colour under a box."""
    small = np.asarray(photo.crop(box).resize((8, 8), Image.Resampling.BOX), dtype=np.float64)
    return np.asarray(small.mean((0, 1)), dtype=np.float64)


def _showing(ink: Ink, ground: NDArray[np.float64]) -> Colour:
    """The ink's colour, or white or black where it would drown."""
    apart = np.array(ink.colour) - ground
    if abs(float(apart @ _LIGHTNESS)) >= _LEAST_CONTRAST or float(np.linalg.norm(apart)) >= _LEAST_DISTANCE:
        return ink.colour
    return (255, 255, 255) if float(ground @ _LIGHTNESS) < 150 else (8, 8, 8)
