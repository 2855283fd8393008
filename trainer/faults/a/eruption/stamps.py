"""Stamps: one lesion each, as the factor that it puts on the light of the skin, so that hair and light stay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.faults.a.eruption.looks import Cap, Look
from trainer.faults.primitives import Pixels, axes, clouds, pixels, smoothstep
from trainer.synthetic.colour import to_linear
from trainer.synthetic.noise import Field

_STEPS = 7
_LIGHT_SKIN = 0.12  # linear: below it a lesion is made lighter to be seen, above it darker
_BRIGHTEST, _DARKEST = 9.0, 0.02


@dataclass(frozen=True, slots=True)
class Ground:
    """The skin under an eruption: its usual colour (linear RGB) and texture (deviation over RGB, of 255)."""

    colour: Pixels
    texture: float


def ground_of(photo: Image.Image) -> Ground:
    """Measure the skin that a photo shows most of."""
    small = photo.copy()
    small.thumbnail((160, 160), Image.Resampling.BOX)
    values = pixels(small)
    unlike = np.linalg.norm(values - pixels(small.filter(ImageFilter.GaussianBlur(4))), axis=2)
    colour = np.maximum(to_linear(np.median(values, axis=(0, 1)).astype(np.float32)), np.float32(0.002))
    return Ground(colour, float(np.median(unlike)))


def stamp(look: Look, radius_px: float, light: float, ground: Ground, rng: np.random.Generator) -> Pixels:
    """One lesion of `radius_px`, lit from the angle `light`, as factors [side, side, RGB]; 1 where skin is bare."""
    stretch = float(rng.uniform(1, look.stretch)) ** 0.5
    side = int(radius_px * 2 * (1.3 * stretch + 0.1)) + 4
    x, y = (axis * np.float32(side / radius_px) for axis in axes((side, side)))
    uneven = 1 + np.float32(0.6 * look.ragged) * clouds(rng, (side, side), max(radius_px * 0.6, 1.5))
    distance = _stretched(x, y, stretch, float(rng.uniform(0, np.pi))) * uneven
    edge = max(float(rng.uniform(*look.soft)), 1.4 / radius_px)
    cover = smoothstep((1 - distance) / edge + 0.5) * smoothstep((1.3 * stretch - np.hypot(x, y)) * 6)
    colour = _banded(look, distance)
    colour *= 1 + np.float32(look.mottle) * clouds(rng, (side, side), max(radius_px / 5, 1.3))[..., None]
    if look.cap is not None:
        _capped(colour, look.cap, distance, ground, rng)
    if look.dome:
        slope = (np.cos(light) * x + np.sin(light) * y) * np.exp(-distance * distance)
        colour *= (1 + np.float32(look.dome * 1.4) * slope)[..., None]
    if look.shine:
        spot = np.hypot(x - 0.4 * np.cos(light), y - 0.4 * np.sin(light)) / np.float32(rng.uniform(0.15, 0.3))
        colour += (np.float32(look.shine) * np.exp(-spot * spot))[..., None] * (0.6 / ground.colour)
    return np.asarray(1 + cover[..., None] * (np.clip(colour, _DARKEST, _BRIGHTEST) - 1), dtype=np.float32)


def contrast(factor: Pixels, ground: Ground) -> float:
    """How far a stamp stands off its skin over what it covers: distance over RGB, of 255."""
    changed = np.abs(factor - 1).max(2)
    inside = factor[changed > 0.5 * float(changed.max())] if changed.size else factor.reshape(-1, 3)
    apart = _encoded(inside * ground.colour) - _encoded(ground.colour)
    return float(np.median(np.linalg.norm(apart, axis=-1))) if apart.size else 0.0


def strengthened(factor: Pixels, ground: Ground, least: float) -> Pixels:
    """The stamp, strong enough to stand off its skin by `least` (of 255 over RGB) wherever that can be reached."""
    for _ in range(_STEPS):
        if contrast(factor, ground) >= least:
            return factor
        factor = np.clip(factor, _DARKEST, _BRIGHTEST) ** np.float32(1.35)
    cover = np.clip(np.abs(factor - 1).max(2, keepdims=True) * 4, 0, 1)
    plain = np.array((0.5, 0.3, 0.24) if float(ground.colour.mean()) > _LIGHT_SKIN else (5, 4, 4), dtype=np.float32)
    return np.asarray(1 + cover * (plain - 1), dtype=np.float32)


def press(picture: Pixels, factor: Pixels, x: float, y: float) -> None:
    """Put a stamp on a picture of linear light in place, its middle at (x, y) in pixels; the rest is cut off."""
    tall, wide = factor.shape[:2]
    top, left = round(y - tall / 2), round(x - wide / 2)
    here = picture[max(top, 0) : max(top + tall, 0), max(left, 0) : max(left + wide, 0)]
    if here.size:
        up, aside = max(-top, 0), max(-left, 0)
        here *= factor[up : up + here.shape[0], aside : aside + here.shape[1]]


def _stretched(x: Field, y: Field, stretch: float, turn: float) -> Field:
    """Distance from the middle, shorter along `turn` and longer across it."""
    along = (np.cos(turn) * x + np.sin(turn) * y) / np.float32(stretch)
    across = (np.cos(turn) * y - np.sin(turn) * x) * np.float32(stretch)
    return np.asarray(np.hypot(along, across), dtype=np.float32)


def _banded(look: Look, distance: Field) -> NDArray[np.float32]:
    places = [place for place, _ in look.bands]
    layers = [np.interp(distance, places, [colour[k] for _, colour in look.bands]) for k in range(3)]
    return np.stack(layers, axis=-1).astype(np.float32)


def _capped(colour: Pixels, cap: Cap, distance: Field, ground: Ground, rng: np.random.Generator) -> None:
    """Lay scale, pus or crust over the colours in place."""
    size = (distance.shape[1], distance.shape[0])
    flake_px = max(size[0] / 12, 1.4)
    cover = np.float32(cap.cover) * smoothstep((cap.reach - distance) * 5 + 0.5)
    if cap.flaky:
        cover = cover * smoothstep(clouds(rng, size, flake_px) + np.float32(rng.uniform(0.2, 0.7)))
    shade = 1 + 0.15 * clouds(rng, size, flake_px)
    over = shade[..., None] * (np.array(cap.colour, dtype=np.float32) / ground.colour)
    colour += cover[..., None] * (over - colour)


def _encoded(linear: Pixels) -> NDArray[np.float32]:
    return np.asarray(255 * np.power(np.clip(linear, 0, 1), 1 / 2.2), dtype=np.float32)
