"""More of a texture than there is: pieces of it at random, overlapping, blended so that contrast is kept.

Heitz, Neyret: "High-Performance By-Example Noise using a Histogram-Preserving Blending Operator", HPG 2018.
"""

import numpy as np
from PIL import Image

from trainer.faults.c.pixels import Pixels, Plane, Size, resized

_SMALLEST_PATCH_PX = 12
_TREND_CELLS = 7
_STRONGEST = 2.0


def more_of(detail: Pixels, size: Size, rng: np.random.Generator) -> Pixels:
    """Texture of `size` from pieces of `detail` (zero mean, [rows, columns, channels])."""
    patch = max(_SMALLEST_PATCH_PX, min(min(detail.shape[:2]) * 3 // 5, min(size) // 2))
    short = [(0, max(0, patch - side)) for side in detail.shape[:2]]
    return _blended(np.pad(detail, (*short, (0, 0)), mode="symmetric"), size, patch, rng)


def fine_part(source: Pixels) -> Pixels:
    """Texture of `source` without what changes slowly over it, its rare strong detail held down.

    A hair, a glint or a slope of light strewn about would look like shards or cloth.
    """
    detail = source - _trend(source)
    detail -= detail.mean((0, 1))
    bound = _STRONGEST * np.maximum(detail[::2, ::2].std((0, 1)), 1e-4)
    return np.asarray(bound * np.tanh(detail / bound), dtype=np.float32)


def _trend(source: Pixels) -> Pixels:
    """What changes slowly over the source: its light and its colour, not its texture."""
    height, width = source.shape[:2]
    cells = (min(_TREND_CELLS, width), min(_TREND_CELLS, height))
    return resized(resized(source, cells, Image.Resampling.BOX), (width, height))


def _blended(detail: Pixels, size: Size, patch: int, rng: np.random.Generator) -> Pixels:
    """Random patches of `detail` on a grid of half a patch, under windows whose squares add up to 1."""
    edge = np.sin(np.pi * (np.arange(patch, dtype=np.float32) + 0.5) / patch) ** 2
    window = (edge[:, None] * edge[None, :])[..., None]
    turned = [detail[::down, ::across] for down in (1, -1) for across in (1, -1)]
    half = max(patch // 2, 1)
    total = np.zeros((size[1] + 2 * patch, size[0] + 2 * patch, detail.shape[2]), dtype=np.float32)
    for top in range(0, size[1] + patch, half):
        for left in range(0, size[0] + patch, half):
            row = int(rng.integers(detail.shape[0] - patch + 1))
            column = int(rng.integers(detail.shape[1] - patch + 1))
            piece = turned[int(rng.integers(4))][row : row + patch, column : column + patch]
            total[top : top + patch, left : left + patch] += window * piece
    down, across = (_power(edge, half, length) for length in (size[1], size[0]))
    whole = total[half : half + size[1], half : half + size[0]]
    return np.asarray(whole / np.sqrt(down[:, None] * across[None, :])[..., None], dtype=np.float32)


def _power(edge: Plane, half: int, length: int) -> Plane:
    """Sum of the squares of the windows along one side, for `length` pixels from the first whole one on."""
    patch = len(edge)
    total = np.zeros(length + 2 * patch, dtype=np.float32)
    for start in range(0, length + patch, half):
        total[start : start + patch] += edge**2
    return np.maximum(total[half : half + length], np.float32(1e-3))
