"""The place a photo is taken in, drawn small and out of focus: cloth, wood, tiles, grass, a wall with furniture."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.synthetic.anatomy.lab import Lab, linear
from trainer.synthetic.colour import Picture, to_linear
from trainer.synthetic.noise import Field, lattice, octaves, resized

_LONGEST = 420
_BLADES = 1600


def any_room(rng: np.random.Generator, size: tuple[int, int], focus: float) -> Picture:
    """A room for a frame of `size` (width, height), linear light; `focus` 0 (far out of focus) .. 1 (sharp)."""
    scale = min(1.0, _LONGEST / max(size))
    small = (max(8, round(size[0] * scale)), max(8, round(size[1] * scale)))
    view = _ROOMS[int(rng.integers(len(_ROOMS)))](rng, small)
    view *= np.clip(1 + np.float32(0.15) * octaves(rng, small, max(small) / 2, max(small) / 8), 0.3, 1.7)[..., None]
    blur = (1 - focus) * max(small) / 28
    return np.stack([_blurred(view[..., channel], size, blur) for channel in range(3)], axis=2)


def _blurred(channel: Field, size: tuple[int, int], blur: float) -> Field:
    shrink = max(1, int(blur / 1.5))  # a box to shrink by and a smooth enlargement make the soft lens
    image = Image.fromarray(np.ascontiguousarray(channel, dtype=np.float32))
    if shrink > 1:
        image = image.reduce(shrink)
    return resized(np.asarray(image, dtype=np.float32), size)


def _paint(rng: np.random.Generator) -> Picture:
    """The colour of any cloth or paint, more often dull than bright."""
    chroma, way = float(rng.gamma(1.2, 10)), float(rng.uniform(0, 2 * math.pi))
    return linear(Lab(float(rng.uniform(10, 95)), chroma * math.cos(way), chroma * math.sin(way)))


def _axes(size: tuple[int, int], angle: float) -> tuple[Field, Field]:
    x = np.linspace(0, size[0] / max(size), size[0], dtype=np.float32)[None, :]
    y = np.linspace(0, size[1] / max(size), size[1], dtype=np.float32)[:, None]
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    return cosine * x + sine * y, cosine * y - sine * x


def folds(rng: np.random.Generator, size: tuple[int, int]) -> Field:
    """The shading of folded cloth, about 1."""
    height = octaves(rng, size, max(size) / 3, max(size) / 24, 0.5)
    creases = np.abs(lattice(rng, size, max(size) / 9, 3.0, float(rng.uniform(0, 3))))
    slope = np.diff(height + creases, axis=1, prepend=0) * np.float32(max(size) / 30)
    slope[:, 0] = 0
    return np.asarray(np.clip(1 + 0.22 * slope - 0.12 * np.exp(-creases * 4), 0.25, 1.6), dtype=np.float32)


def _cloth(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """A sheet or clothes: plain, striped or checked."""
    view = np.empty((size[1], size[0], 3), dtype=np.float32)
    view[...] = _paint(rng)
    pattern = int(rng.integers(3))
    warp = np.float32(0.03) * octaves(rng, size, max(size) / 3, max(size) / 10)
    along, across = _axes(size, float(rng.uniform(0, math.pi)))
    pitch = float(rng.uniform(12, 60))
    for stripes in (along, across)[:pattern]:
        share = np.clip(np.sin((stripes + warp) * np.float32(pitch)) * 4 + float(rng.uniform(-3, 1)), 0, 1)[..., None]
        view += share * np.float32(0.7) * (_paint(rng) - view)
    return view * folds(rng, size)[..., None]


def _wood(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """Boards with their grain and the gaps between them."""
    angle = float(rng.uniform(0, math.pi))
    grain = lattice(rng, size, max(size) / 70, 18, angle) + lattice(rng, size, max(size) / 16, 9, angle)
    tone = linear(Lab(float(rng.uniform(25, 75)), float(rng.uniform(6, 16)), float(rng.uniform(14, 32))))
    _, across = _axes(size, angle)
    boards = across * np.float32(rng.uniform(2, 9)) + np.float32(5)
    gap = np.clip(np.abs(boards - np.round(boards)) * 25, 0.35, 1)
    uneven = np.cos(np.floor(boards + np.float32(0.5)) * np.float32(2.4)) * np.float32(0.12)
    return np.asarray((np.clip(1 + 0.1 * grain + uneven, 0.3, 2) * gap)[..., None] * tone, dtype=np.float32)


def _tiles(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """Tiles of a floor or a wall, with joints."""
    along, across = _axes(size, float(rng.choice([0.0, rng.uniform(0, math.pi)])))
    pitch = np.float32(rng.uniform(3, 10))
    off_x, off_y = along * pitch, across * pitch
    joint = np.minimum(np.abs(off_x - np.round(off_x)), np.abs(off_y - np.round(off_y)))
    share = np.clip((joint - np.float32(0.02)) * 40, 0, 1)[..., None]
    marbled = (1 + np.float32(0.08) * octaves(rng, size, max(size) / 5, 3))[..., None]
    return np.asarray(share * marbled * _paint(rng) + (1 - share) * _paint(rng) * np.float32(0.6), dtype=np.float32)


def _grass(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """Blades of many greens over earth."""
    ground = Image.new("RGB", size, tuple(int(level) for level in rng.integers((30, 35, 10), (90, 80, 45))))
    draw = ImageDraw.Draw(ground)
    reach = max(size) / 14
    for _ in range(_BLADES):
        x, y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        lean, long = rng.normal(0, 0.5), reach * rng.uniform(0.4, 1.3)
        green = tuple(
            int(level) for level in np.array([0.62, 0.8, 0.42]) * rng.uniform(40, 160) + rng.uniform(0, 40, 3)
        )
        end = (x + long * math.sin(lean), y - long * math.cos(lean))
        draw.line([(x, y), end], fill=green, width=max(1, round(max(size) / 220)))
    return to_linear(np.asarray(ground.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32))


def _wall(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """A wall and a floor with a few pieces of furniture, perhaps a bright window."""
    view = np.empty((size[1], size[0], 3), dtype=np.float32)
    view[...] = _paint(rng) * np.float32(0.5) + np.float32(0.25)
    floor = int(size[1] * float(rng.uniform(0.55, 1.2)))
    view[floor:] = _paint(rng)
    for _ in range(int(rng.integers(1, 7))):
        left, top = int(rng.uniform(-0.2, 0.9) * size[0]), int(rng.uniform(-0.2, 0.9) * size[1])
        wide, high = int(rng.uniform(0.08, 0.5) * size[0]), int(rng.uniform(0.08, 0.5) * size[1])
        piece = view[max(top, 0) : max(top + high, 0), max(left, 0) : max(left + wide, 0)]
        shade = np.linspace(1, float(rng.uniform(0.5, 1.1)), max(piece.shape[0], 1), dtype=np.float32)[:, None, None]
        piece[...] = shade[: piece.shape[0]] * _paint(rng) * np.float32(2.5 if rng.random() < 0.12 else 1.0)
    return view


def _couch(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """Paper on an examination couch, or a plain towel: pale and crumpled."""
    pale = linear(Lab(float(rng.uniform(70, 96)), float(rng.normal(0, 2)), float(rng.normal(1, 4))))
    loops = 1 + np.float32(0.05) * lattice(rng, size, 1.5)
    return np.asarray((folds(rng, size) * loops)[..., None] * pale, dtype=np.float32)


_ROOMS: tuple[Callable[[np.random.Generator, tuple[int, int]], Picture], ...] = (
    _cloth, _cloth, _wood, _tiles, _grass, _wall, _wall, _couch,
)  # fmt: skip
