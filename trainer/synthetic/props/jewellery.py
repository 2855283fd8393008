"""A chain, a bangle, the strap of a watch: along the side of the frame."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.synthetic.noise import octaves
from trainer.synthetic.props.place import Place

_METALS = ((212, 170, 84), (196, 198, 202), (150, 110, 88))
_LEATHERS = ((38, 26, 22), (92, 54, 30), (20, 20, 24), (140, 96, 62), (36, 44, 66))
_MAX_LINKS = 160
_GREYS = 64


def chain(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """Links along a slack curve, as RGBA."""
    link = max(float(rng.uniform(1.2, 3.0)) * place.px_per_mm, 5.0) * 2
    strip = Image.new("RGBA", (length * 2, depth * 2))
    draw = ImageDraw.Draw(strip)
    metal = _METALS[int(rng.integers(len(_METALS)))]
    slack, middle = float(rng.uniform(0.1, 0.6)) * strip.height, float(rng.uniform(0.2, 0.8)) * strip.width
    for number in range(min(int(strip.width / (link * 0.75)) + 2, _MAX_LINKS)):
        x = number * link * 0.75
        y = strip.height * 0.95 - slack * math.cos((x - middle) / strip.width * 2.2)
        high = link * (0.34 if number % 2 else 0.16)
        box = (x - link / 2, y - high, x + link / 2, y + high)
        shade = float(rng.uniform(0.55, 1.2))
        colour = tuple(min(255, int(level * shade)) for level in metal)
        draw.ellipse(box, outline=(*colour, 255), width=max(2, round(link * 0.14)))
        draw.arc(box, 200, 260, fill=(255, 252, 240, 255), width=max(1, round(link * 0.08)))
    return strip.reduce(2)


def bangle(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """A smooth metal band, a ring's or a bracelet's, with the room mirrored in it, as RGBA."""
    broad = min(float(rng.uniform(2, 7)) * place.px_per_mm, depth * 0.7)
    if broad < 4:
        return None
    metal = np.array(_METALS[int(rng.integers(len(_METALS)))], dtype=np.float32)
    across = np.linspace(-1, 1, _GREYS, dtype=np.float32)
    gleams = np.exp(-np.square((across - rng.uniform(-0.6, 0.6)) * 5)) + 0.5 * np.sin(across * rng.uniform(3, 9))
    level = np.clip(0.45 + 0.5 * gleams, 0.08, 1.3)
    return _band(rng, length, depth, broad, level[:, None] * metal)


def strap(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """A leather or rubber strap, perhaps stitched, as RGBA."""
    broad = min(float(rng.uniform(14, 24)) * place.px_per_mm, depth * 0.95)
    if broad < 6:
        return None
    leather = np.array(_LEATHERS[int(rng.integers(len(_LEATHERS)))], dtype=np.float32)
    across = np.linspace(-1, 1, _GREYS, dtype=np.float32)
    profile = 1.15 - 0.55 * across**4 + 0.1 * across
    if rng.random() < 0.6:
        profile = profile + 0.5 * np.exp(-np.square((np.abs(across) - 0.82) * 40))
    return _band(rng, length, depth, broad, profile[:, None] * leather)


def _band(rng: np.random.Generator, length: int, depth: int, broad: float, profile: NDArray[np.float32]) -> Image.Image:
    """A bent band with the profile's colours [64, RGB] across it."""
    x = np.linspace(-1, 1, length, dtype=np.float32)[None, :]
    y = np.arange(depth, dtype=np.float32)[:, None]
    bend = float(rng.uniform(-0.25, 0.25)) * depth
    middle = depth - broad * float(rng.uniform(0.2, 0.6)) + bend * x * x + float(rng.normal(0, 0.06)) * depth * x
    across = (y - middle) / np.float32(broad / 2)
    grain = 1 + np.float32(0.05) * octaves(rng, (length, depth), max(depth / 4, 4), 2)
    index = np.clip((across + 1) / 2 * (_GREYS - 1), 0, _GREYS - 1).astype(np.int16)
    colour = np.clip(profile[index] * grain[..., None], 0, 255).astype(np.uint8)
    share = np.clip((1 - np.abs(across)) * np.float32(broad / 2) + np.float32(0.5), 0, 1)
    strip = Image.fromarray(colour)
    strip.putalpha(Image.fromarray((share * 255).astype(np.uint8)))
    return strip
