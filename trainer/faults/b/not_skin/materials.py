"""Surfaces that a model might take for skin. Each gives shade by pixel, about 1, and lets the caller colour it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.faults.b.not_skin.cells import cell_walls
from trainer.faults.primitives import Pixels, axes, clouds, resized, smoothstep
from trainer.synthetic.noise import lattice, octaves

Size = tuple[int, int]
Material = Callable[[Size, np.random.Generator], Pixels]
"""Draws shade of `size` (width, height), [rows, columns, 3]: what to multiply the material's colour with."""


def wood(size: Size, rng: np.random.Generator) -> Pixels:
    """Boards with rings and grain, a knot now and then."""
    x, y = axes(size)
    angle = float(rng.uniform(0, np.pi))
    across = np.cos(angle) * x + np.sin(angle) * y
    knot = rng.uniform(-0.4, 0.4, 2)
    near = np.exp(-((x - knot[0]) ** 2 + (y - knot[1]) ** 2) / np.float32(0.02)) * float(rng.choice([0, 0.1]))
    wave = across + 0.04 * clouds(rng, size, max(size) / 3) + near
    rings = np.sin(wave * float(rng.uniform(60, 260)))
    grain = lattice(rng, size, 1.8, 16, angle + np.pi / 2)
    boards = 0.12 * ((across * float(rng.uniform(2, 6))) % 1 < 0.02)
    return _grey(1 + 0.1 * rings + 0.07 * grain - boards - 3 * near)


def sand(size: Size, rng: np.random.Generator) -> Pixels:
    """Grains, some dark, some bright, in ripples."""
    x, y = axes(size)
    grains = octaves(rng, size, 6, 1.2, 0.95)
    angle = float(rng.uniform(0, np.pi))
    ripples = np.sin((np.cos(angle) * x + np.sin(angle) * y) * 60 + 2 * clouds(rng, size, max(size) / 4))
    return _grey(1 + 0.12 * grains + float(rng.uniform(0, 0.15)) * ripples)


def leather(size: Size, rng: np.random.Generator) -> Pixels:
    """A mesh of pebbles between dark furrows, creased."""
    walls = cell_walls(rng, size, min(size) / float(rng.uniform(25, 90)))
    crease = np.abs(clouds(rng, size, max(size) / 4))
    return _grey(0.72 + 0.4 * smoothstep(walls * 3) - 0.25 * np.exp(-crease * 25) + 0.03 * octaves(rng, size, 8, 2))


def bread(size: Size, rng: np.random.Generator) -> Pixels:
    """Crumb with holes of all sizes, or a browned crust."""
    holes = octaves(rng, size, min(size) / 8, 2, 0.75)
    deep = smoothstep((holes - float(rng.uniform(0.4, 1.0))) * 2)
    browned = smoothstep(clouds(rng, size, max(size) / 3) + 0.3)
    shade = (1 - 0.4 * deep + 0.06 * octaves(rng, size, 8, 1.5))[..., None]
    crust = np.array((0.75, 0.55, 0.35), dtype=np.float32)
    return np.asarray(shade * (1 - browned[..., None] * (1 - crust) * float(rng.uniform(0, 1))), dtype=np.float32)


def fur(size: Size, rng: np.random.Generator) -> Pixels:
    """Strands that part and turn, patches of another colour."""
    angle, cell_px = float(rng.uniform(0, np.pi)), float(rng.uniform(1.6, 4))
    turn = smoothstep(clouds(rng, size, max(size) / 3) + 0.5)
    one = lattice(rng, size, cell_px, 14, angle)
    other = lattice(rng, size, cell_px, 14, angle + float(rng.uniform(0.4, 1.1)))
    strands = one * (1 - turn) + other * turn
    patch = smoothstep(2 * clouds(rng, size, max(size) / 2) - 1)[..., None]
    tint = 1 - patch * (1 - float(rng.uniform(0.2, 0.9)) * rng.uniform(0.8, 1.1, 3))
    return np.asarray(_grey(0.85 + 0.28 * strands) * tint, dtype=np.float32)


def knit(size: Size, rng: np.random.Generator) -> Pixels:
    """Stitches in rows, or the slant of twill, fuzzy."""
    width, height = size
    x = np.arange(width, dtype=np.float32)[None, :] + 2 * clouds(rng, size, max(size) / 6)
    y = np.arange(height, dtype=np.float32)[:, None] + 2 * clouds(rng, size, max(size) / 6)
    stitch = min(size) / float(rng.uniform(18, 90))
    if rng.random() < 0.5:
        pattern = np.sin(2 * np.pi * (y + np.abs((x / stitch % 1) - 0.5) * stitch) / stitch)
        pattern = pattern * 0.6 + 0.4 * np.cos(2 * np.pi * x / stitch)
    else:
        pattern = np.sin(2 * np.pi * (x + y) / stitch)
    fuzz = octaves(rng, size, 5, 1.2, 0.9)
    return _grey(0.85 + 0.18 * pattern + 0.08 * fuzz + 0.08 * clouds(rng, size, max(size) / 3))


def paper(size: Size, rng: np.random.Generator) -> Pixels:
    """Crumpled: flat faces that meet in sharp folds; or cardboard's ribs."""
    folds = sum(
        (np.abs(clouds(rng, size, max(size) / share)) for share in (2.5, 4.0, 7.0)), np.zeros(size[::-1], np.float32)
    )
    ribs = np.sin(np.arange(size[1], dtype=np.float32)[:, None] * float(rng.uniform(0.2, 1.0)))
    return _grey(0.85 + 0.12 * folds + float(rng.choice([0, 0, 0.06])) * ribs + 0.02 * octaves(rng, size, 4, 1.2))


def wall(size: Size, rng: np.random.Generator) -> Pixels:
    """Plaster or concrete, its cracks, stains, and the corner of the room."""
    x, y = axes(size)
    rough = octaves(rng, size, min(size) / 6, 1.5, float(rng.uniform(0.6, 0.95)))
    crack = np.exp(-np.abs(clouds(rng, size, max(size) / 2.5) + 0.1 * octaves(rng, size, 20, 3)) * 45)
    corner = (x + 0.05 * y > float(rng.uniform(-0.4, 0.8))) * float(rng.uniform(0.0, 0.3))
    return _grey(1 + float(rng.uniform(0.02, 0.1)) * rough - float(rng.choice([0, 0.5])) * crack - corner)


def stone(size: Size, rng: np.random.Generator) -> Pixels:
    """Granite's grains of several colours."""
    shade = np.ones((size[1], size[0], 3), dtype=np.float32)
    for _ in range(3):
        grains = smoothstep((octaves(rng, size, min(size) / float(rng.uniform(30, 90)), 1.5, 0.7) - 0.3) * 4)
        shade *= 1 - grains[..., None] * (1 - float(rng.uniform(0.4, 1.4)) * rng.uniform(0.85, 1.1, 3)).astype(
            np.float32
        )
    return shade


def plastic(size: Size, rng: np.random.Generator) -> Pixels:
    """Smooth curved bodies of a doll or a toy: clean gradients, hard small glints, seams."""
    x, y = axes(size)
    shade = np.ones((size[1], size[0]), dtype=np.float32)
    for _ in range(int(rng.integers(1, 5))):
        middle, reach = rng.uniform(-0.5, 0.5, 2), float(rng.uniform(0.15, 0.6))
        distance = np.hypot(x - middle[0], (y - middle[1]) * float(rng.uniform(0.5, 1.6))) / reach
        inside = smoothstep((1 - distance) * 40)
        body = 0.45 + 0.65 * np.sqrt(np.clip(1 - distance * distance, 0, 1))
        from_glint = np.hypot(x - middle[0] + reach / 3, y - middle[1] + reach / 3) / (reach * 0.1)
        glint = 0.9 * np.exp(-from_glint * from_glint)
        shade = shade * (1 - inside) + (body + glint).astype(np.float32) * inside
    return _grey(shade)


def soft_shapes(size: Size, rng: np.random.Generator) -> Pixels:
    """Nothing in focus: broad bands and discs of light of one hue."""
    width, height = 48, max(round(48 * size[1] / size[0]), 4)
    field = octaves(rng, (width, height), 24, 6, 0.6)
    steps = np.floor(field * float(rng.uniform(1, 3))) / 3
    image = np.asarray(1 + 0.35 * steps + 0.1 * field, dtype=np.float32)
    return _grey(resized(image, size))


def _grey(shade: NDArray[np.floating[Any]]) -> Pixels:
    return np.asarray(np.clip(shade, 0.02, 2.5)[..., None], dtype=np.float32)


MATERIALS: tuple[Material, ...] = (wood, sand, leather, bread, fur, knit, paper, wall, stone, plastic, soft_shapes)
