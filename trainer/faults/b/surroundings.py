"""What a photo from further away shows beside skin: a room behind an arm, clothes over a body."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from trainer.faults.primitives import Pixels, axes, clouds, mixed, photo_of, pixels, smoothstep
from trainer.synthetic.noise import Field, lattice, octaves

Place = tuple[float, float]
"""Where the lesion is: x and y from -0.5 to 0.5."""


def before_room(skin: Image.Image, place: Place, rng: np.random.Generator) -> Image.Image:
    """The skin as an arm or a leg across the frame, darker where it turns away, a blurred room behind."""
    x, y = axes(skin.size)
    x, y = x - np.float32(place[0]), y - np.float32(place[1])
    angle = float(rng.uniform(0, np.pi))
    across = np.cos(angle) * x + np.sin(angle) * y
    along = np.cos(angle) * y - np.sin(angle) * x
    bend = float(rng.normal(0, 0.12))
    half = float(rng.uniform(0.24, 0.36)) * (1 + float(rng.normal(0, 0.25)) * along)
    outward = np.abs(across + bend * along * along + float(rng.normal(0, 0.06))) / np.maximum(half, 0.15)
    turned = np.sqrt(np.clip(1 - np.square(np.minimum(outward, 1)), 0.05, 1))
    limb = pixels(skin) * (0.35 + 0.65 * turned)[..., None]
    soft = np.float32(4.0 / min(skin.size))
    cover = smoothstep((1 - outward) / soft)
    return photo_of(mixed(_room(skin.size, rng), limb.astype(np.float32), cover))


def beside_cloth(skin: Image.Image, place: Place, rng: np.random.Generator, nearest: float = 0.15) -> Image.Image:
    """Clothes over one or two sides of the frame, and their shadow on the skin; hems `nearest` (of the frame) or more
    from the lesion.
    """
    values = pixels(skin)
    first = float(rng.uniform(0, 2 * np.pi))
    colour = _muted(rng, 8, 245)
    for turn in (0.0, float(rng.uniform(2, 4)))[: int(rng.integers(1, 3))]:
        out = _outward(skin.size, place, first + turn, nearest, rng)
        shadow = 1 - 0.45 * smoothstep((out + 0.05) / np.float32(0.06))
        values = mixed(values * shadow[..., None], _cloth(skin.size, colour, rng), smoothstep(out / np.float32(0.004)))
    return photo_of(values)


def _outward(size: tuple[int, int], place: Place, angle: float, nearest: float, rng: np.random.Generator) -> Field:
    """How far beyond a gently curved hem a point lies: above 0 is under cloth; round the lesion it is not."""
    x, y = axes(size)
    x, y = x - np.float32(place[0]), y - np.float32(place[1])
    along = np.cos(angle) * y - np.sin(angle) * x
    hem = float(rng.uniform(nearest, nearest + 0.2)) + float(rng.normal(0, 0.25)) * along * along
    return np.asarray(np.cos(angle) * x + np.sin(angle) * y - np.maximum(hem, nearest * 0.8), dtype=np.float32)


def _cloth(size: tuple[int, int], colour: Pixels, rng: np.random.Generator) -> Pixels:
    folds = octaves(rng, size, max(size) / 3, max(size) / 20, 0.5)
    thread = lattice(rng, size, 2.0, float(rng.choice([1.0, 8.0])), float(rng.uniform(0, np.pi)))
    shade = np.clip(1 + 0.22 * folds + float(rng.uniform(0.02, 0.1)) * thread, 0.2, 1.6)
    values = shade[..., None] * colour
    if rng.random() < 0.35:
        x, y = axes(size)
        stripes = np.sin((np.cos(colour[0]) * x + np.sin(colour[0]) * y) * float(rng.uniform(60, 240)))
        values = values * (1 - 0.4 * (stripes > 0.3))[..., None]
    return np.asarray(values, dtype=np.float32)


def _room(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Wall, floor, furniture and a lamp or a window, out of focus."""
    width, height = 96, max(round(96 * size[1] / size[0]), 8)
    wall = rng.uniform(60, 235) * rng.uniform(0.85, 1.0, 3)
    view = Image.new("RGB", (width, height), _ink(wall))
    draw = ImageDraw.Draw(view)
    if rng.random() < 0.6:
        floor = float(rng.uniform(0.45, 0.85)) * height
        draw.rectangle((0, floor, width, height), _ink(wall * rng.uniform(0.25, 0.8)))
    for _ in range(int(rng.integers(2, 9))):
        x, y = float(rng.uniform(-0.2, 1)) * width, float(rng.uniform(-0.1, 1)) * height
        wide, high = rng.uniform(0.05, 0.5) * width, rng.uniform(0.05, 0.6) * height
        colour = _ink(_muted(rng, 10, 240))
        shape = draw.ellipse if rng.random() < 0.25 else draw.rectangle
        shape((x, y, x + float(wide), y + float(high)), colour)
    soft = view.rotate(float(rng.normal(0, 6)), Image.Resampling.BILINEAR, fillcolor=_ink(wall))
    soft = soft.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.7, 4))))
    large = pixels(soft.resize(size, Image.Resampling.BICUBIC))
    return np.asarray(large * (1 + 0.05 * clouds(rng, size, max(size) / 5))[..., None], dtype=np.float32)


def _muted(rng: np.random.Generator, darkest: float, lightest: float) -> Pixels:
    """A colour as things at home have: mostly greyish, brownish or bluish, seldom loud."""
    spread = float(rng.choice([0.12, 0.25, 0.25, 0.6]))
    colour = rng.uniform(darkest, lightest) * (1 - spread * rng.random(3))
    return np.sort(colour)[::-1].astype(np.float32) if rng.random() < 0.5 else colour.astype(np.float32)


def _ink(colour: NDArray[np.floating[Any]]) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in np.clip(colour, 0, 255))
    return red, green, blue
