"""More of the same skin: patches at random, overlapping, blended so that contrast is kept.

Heitz, Neyret: "High-Performance By-Example Noise using a Histogram-Preserving Blending Operator", HPG 2018.
"""

import numpy as np
from PIL import Image

from trainer.faults.c.fields import cloud
from trainer.faults.c.pixels import Pixels, Plane, Size, resized

_SMALLEST_PATCH_PX = 12
_SMALLEST_SHARE = 0.4


def skin_from_afar(skin: Pixels, share: float, size: Size, rng: np.random.Generator) -> Pixels:
    """Linear light of `size`: skin (linear) as it looks when a lesion in it is at `share` of its sides.

    Texture fades with distance before it gets finer, as it does through a lens: so no small piece repeats.
    """
    height, width = skin.shape[:2]
    shown = max(share, _SMALLEST_SHARE)
    source = resized(skin, (max(int(width * shown), 8), max(int(height * shown), 8)), Image.Resampling.BOX)
    contrast = float(np.clip((share / shown) ** 0.5, 0.35, 1.0))
    return woven(source, size, contrast, rng)


def woven(source: Pixels, size: Size, contrast: float, rng: np.random.Generator) -> Pixels:
    """Linear light of `size` from patches of `source` (linear), its texture times `contrast`, in uneven light."""
    middle = np.median(source[::2, ::2], axis=(0, 1)).astype(np.float32)
    detail = _without_extremes((source - _trend(source)) * np.float32(contrast))
    patch = max(_SMALLEST_PATCH_PX, min(min(source.shape[:2]) * 3 // 5, min(size) // 2))
    short = [(0, max(0, patch - side)) for side in detail.shape[:2]]
    texture = _blended(np.pad(detail, (*short, (0, 0)), mode="symmetric"), size, patch, rng)
    shade = 1 + np.float32(rng.uniform(0.03, 0.10)) * cloud(rng, size, max(size), max(size) / 12, 2.5)
    flush = np.float32(rng.uniform(0.005, 0.02)) * cloud(rng, size, max(size) / 4, max(size) / 24, 2.0)
    tint = shade[..., None] * (1 + flush[..., None] * np.array([0.3, -1.0, -0.8], dtype=np.float32))
    return np.asarray(np.clip((middle + texture) * tint, 0, 1), dtype=np.float32)


def _blended(detail: Pixels, size: Size, patch: int, rng: np.random.Generator) -> Pixels:
    """Random patches of `detail` on a grid of half a patch, under windows whose squares add up to 1."""
    edge = np.sin(np.pi * (np.arange(patch, dtype=np.float32) + 0.5) / patch) ** 2
    window = (edge[:, None] * edge[None, :])[..., None]
    turned = [detail, np.ascontiguousarray(detail[::-1, ::-1])]
    half = max(patch // 2, 1)
    total = np.zeros((size[1] + 2 * patch, size[0] + 2 * patch, 3), dtype=np.float32)
    for top in range(0, size[1] + patch, half):
        for left in range(0, size[0] + patch, half):
            row = int(rng.integers(detail.shape[0] - patch + 1))
            column = int(rng.integers(detail.shape[1] - patch + 1))
            piece = turned[int(rng.integers(2))][row : row + patch, column : column + patch]
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


def _without_extremes(detail: Pixels) -> Pixels:
    """Rare strong detail (a hair, a glint) held down: strewn about it would look like many lesions."""
    bound = 2.2 * np.maximum(detail[::2, ::2].std((0, 1)), 1e-4)
    return np.asarray(np.clip(detail, -bound, bound), dtype=np.float32)


def _trend(source: Pixels) -> Pixels:
    """What changes slowly over the source: its light and its colour, not its texture."""
    height, width = source.shape[:2]
    return resized(resized(source, (8, 6), Image.Resampling.BOX), (width, height))
