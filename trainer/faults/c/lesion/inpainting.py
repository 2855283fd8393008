"""Bare skin where the lesion was: smooth from all around (push-pull), texture from plain skin beside.

Gortler et al.: "The Lumigraph", SIGGRAPH 1996, section 3.4 (push-pull).
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.faults.c.pixels import Pixels, Plane, Size, resized, resized_plane
from trainer.faults.c.texture import fine_part, more_of

_COARSEST_PX = 2
_FINEST_PX = 96
_MOST_COVERED = 0.3
_MOST_UNEVEN = 0.16


@dataclass(frozen=True, slots=True)
class Filled:
    """Linear light with the hidden part made up; `doubt` 0..1 and above: how far it may look made up."""

    light: Pixels
    doubt: float


def without(light: Pixels, cover: Plane, plain: Pixels, rng: np.random.Generator) -> Filled:
    """Linear light with what `cover` (0..1) hides made up from what it does not, in the texture of `plain` skin."""
    hidden = np.clip(cover * 2.5, 0, 1)
    rows, columns = np.nonzero(hidden.any(1))[0], np.nonzero(hidden.any(0))[0]
    if not len(rows):
        return Filled(light, 0.0)
    inside = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    base = _enlarged(_smooth_fill(light, cover), inside, cover)
    share = hidden[inside][..., None]
    texture = _texture(plain, (base.shape[1], base.shape[0]), rng)
    skin = light.copy()
    skin[inside] = light[inside] * (1 - share) + np.clip(base * (1 + texture), 0, 1) * share
    return Filled(skin, _doubt(base[::4, ::4], share[::4, ::4], float(hidden.mean())))


def _doubt(base: Pixels, share: Pixels, covered: float) -> float:
    """Much to make up, and of many colours or of much light and shade: hardly skin."""
    level = np.sqrt(base[share[..., 0] > 0.5])
    uneven = float((level.std(0) / np.maximum(level.mean(0), 0.05)).max()) if len(level) else 0.0
    return max(covered / _MOST_COVERED, uneven / _MOST_UNEVEN)


def _smooth_fill(light: Pixels, cover: Plane) -> Pixels:
    """Colours of the shown part spread over the hidden one, on a coarse grid."""
    height, width = cover.shape
    scale = min(1.0, _FINEST_PX / max(width, height))
    small = (max(int(width * scale), 2), max(int(height * scale), 2))
    known = 1 - np.clip(resized_plane(cover, small, Image.Resampling.BOX) * 8, 0, 1)
    return _pulled(resized(light, small, Image.Resampling.BOX) * known[..., None], known)


def _texture(plain: Pixels, size: Size, rng: np.random.Generator) -> Pixels:
    """Relative texture of plain skin, of `size`."""
    middle = plain.mean(-1, keepdims=True)
    return more_of(fine_part(middle / np.maximum(middle.mean(), np.float32(0.02))), size, rng)


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
