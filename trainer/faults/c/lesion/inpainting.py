"""Bare skin where the lesion was: smooth from all around (push-pull), texture from beside.

Gortler et al.: "The Lumigraph", SIGGRAPH 1996, section 3.4 (push-pull).
"""

import numpy as np
from PIL import Image, ImageFilter

from trainer.faults.c.pixels import Pixels, Plane, mask_of, plane_of, resized, resized_plane

_COARSEST_PX = 2
_FINEST_PX = 96


def without(light: Pixels, cover: Plane, rng: np.random.Generator) -> Pixels:
    """Linear light with what `cover` (0..1) hides made up from what it does not."""
    height, width = cover.shape
    known = 1 - np.clip(cover * 6, 0, 1)
    scale = min(1.0, _FINEST_PX / max(width, height))
    small = (max(int(width * scale), 2), max(int(height * scale), 2))
    weight = resized_plane(known, small, Image.Resampling.BOX)
    colour = resized(light * known[..., None], small, Image.Resampling.BOX)
    filled = _pulled(colour, weight)
    hidden = np.clip(cover * 2.5, 0, 1)
    rows, columns = np.nonzero(hidden.any(1))[0], np.nonzero(hidden.any(0))[0]
    if not len(rows):
        return light
    inside = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    texture = _borrowed_texture(light, cover, rng)[inside]
    base = _enlarged(filled, inside, cover)
    share = hidden[inside][..., None]
    skin = light.copy()
    skin[inside] = light[inside] * (1 - share) + np.clip(base * (1 + texture[..., None]), 0, 1) * share
    return skin


def _enlarged(filled: Pixels, inside: tuple[slice, slice], cover: Plane) -> Pixels:
    """The part `inside` of the filled picture, at the size of `cover`."""
    height, width = cover.shape
    rows, columns = inside
    across, down = filled.shape[1] / width, filled.shape[0] / height
    box = (columns.start * across, rows.start * down, columns.stop * across, rows.stop * down)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    planes = [
        Image.fromarray(np.ascontiguousarray(filled[..., channel])).resize(size, Image.Resampling.BILINEAR, box)
        for channel in range(3)
    ]
    return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes], axis=-1)


def _pulled(colour: Pixels, weight: Plane) -> Pixels:
    """Colour (already times weight) filled in where the weight is low, from ever coarser copies."""
    height, width = weight.shape
    if min(height, width) <= _COARSEST_PX:
        total = max(float(weight.sum()), 1e-6)
        return np.broadcast_to(colour.sum((0, 1)) / np.float32(total), colour.shape).astype(np.float32)
    half = (max(width // 2, 2), max(height // 2, 2))
    coarse_weight = resized_plane(weight, half, Image.Resampling.BOX)
    # A quarter known is known: else every level would draw in the mean of the whole photo.
    boost = np.minimum(4.0, 1 / np.maximum(coarse_weight, 1e-6)).astype(np.float32)
    coarse = _pulled(resized(colour, half, Image.Resampling.BOX) * boost[..., None], coarse_weight * boost)
    fill = resized(coarse, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(colour + fill * (1 - np.clip(weight, 0, 1)[..., None]), dtype=np.float32)


def _borrowed_texture(light: Pixels, cover: Plane, rng: np.random.Generator) -> Plane:
    """Relative texture of skin beside the hidden part, moved over it."""
    height, width = cover.shape
    middle = light.mean(-1)
    soft = plane_of(mask_of(middle).filter(ImageFilter.BoxBlur(max(2.0, min(height, width) / 20))))
    seen = cover < 0.02
    detail = np.clip((middle - soft) / np.maximum(soft, 0.03), -0.4, 0.4) * seen
    best, least = (0, 0), float("inf")
    for _ in range(8):
        move = (int(rng.integers(height // 5, 4 * height // 5 + 1)), int(rng.integers(width // 5, 4 * width // 5 + 1)))
        hidden = float((np.roll(~seen, move, (0, 1))[::4, ::4] & ~seen[::4, ::4]).sum())
        if hidden < least:
            best, least = move, hidden
    return np.asarray(np.roll(detail, best, (0, 1)), dtype=np.float32)
