"""Where a photo shows plain skin: skin by its colour, and the most even piece of it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.faults.c.fields import smooth
from trainer.faults.c.pixels import Pixels, Plane, resized, resized_plane

_SEARCH_PX = 96
_WINDOW = 0.34  # of the short side
_LEAST_TOLD = 0.25  # less of the photo than this taken for skin: then its colour tells nothing


@dataclass(frozen=True, slots=True)
class Plain:
    """The most even square of a photo's skin: its light, and its `roughness` (deviation over level; below 0.1: even).

    What is hidden, or no skin by its colour, makes it rough.
    """

    light: Pixels
    roughness: float


def plainest(light: Pixels, hidden: Plane) -> Plain:
    """The most even piece of linear `light` outside what is `hidden` (0..1)."""
    height, width = hidden.shape
    small = _small_size(width, height)
    seen = np.sqrt(resized(light, small, Image.Resampling.BOX))
    cover = resized_plane(hidden, small, Image.Resampling.BOX)
    side = max(round(min(small) * _WINDOW), 4)
    mean, square = _means(seen, side), _means(seen * seen, side)
    uneven = np.sqrt(np.clip(square - mean * mean, 0, None).sum(-1)) / np.maximum(mean.sum(-1), 0.05)
    strange = _means((1 - _likeness(seen, cover))[..., None], side)[..., 0]
    under = _means(cover[..., None], side)[..., 0]
    score = uneven + np.float32(0.3) * strange + under
    row, column = np.unravel_index(int(score.argmin()), score.shape)
    scale = min(height / small[1], width / small[0])
    top, left, long = int(row * height / small[1]), int(column * width / small[0]), max(int(side * scale), 4)
    return Plain(light[top : top + long, left : left + long], float(score[row, column]))


def skin_share(light: Pixels, hidden: Plane) -> Plane:
    """How much each part of linear light is skin by its colour, 0..1, on a coarse grid; 1 where that cannot be told."""
    small = _small_size(hidden.shape[1], hidden.shape[0])
    cover = resized_plane(hidden, small, Image.Resampling.BOX)
    likeness = _likeness(np.sqrt(resized(light, small, Image.Resampling.BOX)), cover)
    return likeness if float(likeness.mean()) > _LEAST_TOLD else np.ones_like(likeness)


def _small_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, _SEARCH_PX / max(width, height))
    return max(int(width * scale), 8), max(int(height * scale), 8)


def _likeness(seen: Pixels, cover: Plane) -> Plane:
    """1 where colour (sqrt of light) is as that around the hidden part and may be skin, 0 where it is far from it."""
    level = np.maximum(seen.sum(-1), 0.05)
    hue = np.stack([(seen[..., 0] - seen[..., 1]) / level, (seen[..., 1] - seen[..., 2]) / level], axis=-1)
    near = _beside(cover)
    usual, usual_level = np.median(hue[near], axis=0), float(np.median(level[near]))
    away = np.sqrt(((hue - usual) ** 2).sum(-1))
    unlit = np.abs(np.log(level / np.float32(usual_level)))
    may_be = smooth(hue[..., 0], -0.04, 0.01)
    return np.asarray((1 - smooth(away, 0.06, 0.14)) * (1 - smooth(unlit, 0.5, 0.9)) * may_be, dtype=np.float32)


def _beside(cover: Plane) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """What is shown close to the hidden part; all that is shown, or all, where there is too little of it."""
    wide = resized_plane(resized_plane(cover, (9, 9), Image.Resampling.BOX), (cover.shape[1], cover.shape[0]))
    for choice in ((cover < 0.05) & (wide > 0.05), cover < 0.05):
        if int(choice.sum()) >= 16:
            return choice
    return np.ones(cover.shape, dtype=np.bool_)


def _means(values: Pixels, side: int) -> Pixels:
    """Means over all squares of `side`, by their upper left corner."""
    sums = np.pad(values.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0)))
    whole = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(whole / (side * side), dtype=np.float32)
