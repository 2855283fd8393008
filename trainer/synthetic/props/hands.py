"""A finger, bare or gloved, that holds the skin at the side of the frame."""

import math

import numpy as np
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Picture, to_srgb
from trainer.synthetic.noise import Field, octaves, resized
from trainer.synthetic.props.place import Place

_GRID = 128
_GLOVES = ((0.10, 0.25, 0.62), (0.30, 0.20, 0.55), (0.80, 0.78, 0.74), (0.05, 0.05, 0.06), (0.16, 0.45, 0.42))
_NAIL = (0.72, 0.42, 0.36)


def finger(rng: np.random.Generator, length: int, depth: int, place: Place, skin: Picture) -> Image.Image | None:
    """A bare finger of about the colour `skin` (linear RGB) coming in over the strip's lower edge, as RGBA."""
    colour = np.asarray(skin, dtype=np.float32) * np.float32(rng.uniform(0.75, 1.15))
    return _tip(rng, length, depth, place, colour=colour, nail=bool(rng.random() < 0.5))


def gloved_finger(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """A finger in a nitrile or latex glove, as RGBA."""
    colour = np.array(_GLOVES[int(rng.integers(len(_GLOVES)))], dtype=np.float32)
    return _tip(rng, length, depth, place, colour=colour, nail=False)


def _tip(
    rng: np.random.Generator, length: int, depth: int, place: Place, *, colour: Picture, nail: bool
) -> Image.Image | None:
    radius = min(float(rng.uniform(7, 10)) * place.px_per_mm, depth * 0.9, length * 0.3)
    if radius < 6:
        return None
    x, y, lean = _coordinates(rng, length, depth, radius)
    beside = np.abs(x + lean * y)
    ahead = np.minimum(y, 0)
    distance = np.sqrt(beside * beside + ahead * ahead)
    soft = float(rng.uniform(0.02, 0.12))
    share = np.clip((1 - distance) / soft + 0.5, 0, 1)
    round_ = np.sqrt(np.clip(1 - distance * distance, 0.03, 1))
    wrinkles = octaves(rng, (_GRID, _GRID), 24, 4)
    shade = (0.35 + 0.65 * round_) * (1 + np.float32(0.05) * wrinkles)
    view = shade[..., None] * colour
    if nail:
        plate = np.clip((0.55 - np.sqrt((beside * 1.05) ** 2 + (y - 0.05) ** 2)) * 12, 0, 1)[..., None]
        view = view + np.float32(0.6) * plate * (shade[..., None] * np.array(_NAIL, np.float32) - view)
    gleam = np.clip(1 - np.hypot(x + 0.35, y - 0.2) * 2.6, 0, 1) ** 2 * float(rng.uniform(0.0, 0.35))
    view = (view + gleam[..., None]).astype(np.float32)
    grid = Image.fromarray(to_srgb(view)).resize((length, depth), Image.Resampling.BICUBIC)
    grid.putalpha(_mask(share, (length, depth)))
    return grid.filter(ImageFilter.GaussianBlur(radius * float(rng.uniform(0.01, 0.05))))


def _coordinates(rng: np.random.Generator, length: int, depth: int, radius: float) -> tuple[Field, Field, float]:
    """Right and down from the tip's middle in radii, and how the finger leans."""
    middle_x = float(rng.uniform(0.1, 0.9)) * length
    middle_y = depth - max(0.0, float(rng.uniform(-0.3, 0.8))) * max(depth - radius, 0.0)
    x = (np.linspace(0, length, _GRID, dtype=np.float32)[None, :] - middle_x) / radius
    y = (np.linspace(0, depth, _GRID, dtype=np.float32)[:, None] - middle_y) / radius
    return x.astype(np.float32), y.astype(np.float32), math.tan(float(rng.normal(0, 0.35)))


def _mask(share: Field, size: tuple[int, int]) -> Image.Image:
    whole = np.clip(resized(share.astype(np.float32), size), 0, 1) * np.float32(255)
    return Image.fromarray(whole.astype(np.uint8))
