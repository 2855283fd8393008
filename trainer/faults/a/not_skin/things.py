"""Indoors: things on a table, woven cloth, tiles."""

import numpy as np
from PIL import Image, ImageDraw

from trainer.synthetic.noise import lattice, octaves


def things(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A few shaded round or boxy things with shadows on a plain or wooden ground."""
    view = _ground(size, rng)
    for _ in range(int(rng.integers(1, 9))):
        _put(view, rng)
    return view


def cloth(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Woven, checked or striped cloth, in folds."""
    width, height = size
    x = np.arange(width, dtype=np.float32)[None, :] + 4 * lattice(rng, size, width / 4)
    y = np.arange(height, dtype=np.float32)[:, None] + 4 * lattice(rng, size, width / 4)
    thread = min(size) / float(rng.uniform(40, 200))
    weave = np.sin(2 * np.pi * x / thread) * np.sin(2 * np.pi * y / thread)
    check = min(size) / float(rng.uniform(3, 20))
    bands = (np.sin(2 * np.pi * x / check) > 0).astype(np.float32)
    if rng.random() < 0.6:
        bands = (bands + (np.sin(2 * np.pi * y / check) > 0)) / 2
    colours = rng.uniform(0, 255, (2, 3)).astype(np.float32)
    folds = 1 + np.float32(0.2) * octaves(rng, size, width / 2, width / 16)
    share = bands[..., None] * np.float32(rng.choice([0.0, 1.0]))
    pixels = (colours[0] * share + colours[1] * (1 - share)) * (folds * (1 + 0.15 * weave))[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _ground(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    colour = rng.uniform(10, 250) * rng.uniform(0.6, 1.0, 3)
    stretch = float(rng.choice([1.0, 1.0, 14.0]))
    grain = lattice(rng, size, min(size) / 40, stretch, float(rng.uniform(0, np.pi)))
    soft = lattice(rng, size, max(size) / 2)
    pixels = colour * (1 + 0.08 * grain + 0.15 * soft)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _put(view: Image.Image, rng: np.random.Generator) -> None:
    side = max(12, int(min(view.size) * float(rng.uniform(0.12, 0.6))))
    x, y = int(rng.integers(-side // 3, view.width)), int(rng.integers(-side // 3, view.height))
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    box = (1, 1, side - 2, int(side * float(rng.uniform(0.4, 1))) - 2)
    if rng.random() < 0.55:
        draw.ellipse(box, fill=255)
    else:
        draw.rounded_rectangle(box, side // 12, fill=255)
    mask = mask.rotate(float(rng.uniform(0, 180)), Image.Resampling.BILINEAR)
    view.paste(
        Image.new("RGB", mask.size, (12, 12, 14)), (x + side // 14, y + side // 14), mask.point(lambda v: v // 2)
    )
    view.paste(_shaded(side, rng), (x, y), mask)


def _shaded(side: int, rng: np.random.Generator) -> Image.Image:
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    angle = float(rng.uniform(0, 2 * np.pi))
    slope = np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None]
    texture = octaves(rng, (side, side), max(side / 4, 2), 1.5, 0.8) * np.float32(rng.uniform(0.02, 0.3))
    colour = rng.uniform(10, 245, 3)
    pixels = colour * (0.8 + 0.4 * slope + texture)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
