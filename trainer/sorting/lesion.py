"""Where the lesion lies: what differs in colour from the skin around it, whatever the skin's tone."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.sorting.blur import gaussian
from trainer.sorting.cielab import lab_of
from trainer.sorting.morphology import closed, closed_plane, opened
from trainer.sorting.regions import Region, regions_of
from trainer.sorting.views import Floats, Mask

_HAIR_REACH = 1  # of 160 pixels: hair up to 2 % of the short side
_LEAST_DIFFERENCE, _MOST_DIFFERENCE = 7.0, 24.0
"""Bounds of the colour difference that parts lesion from skin: the eye sees 2, freckles have 5."""

_GLARE_WEIGHT = 0.35
_LEAST_REGION = 0.0006  # of the frame: 4 mm of a frame that shows 16 cm
_LEAST_FILL = 0.30
"""Of its box a lesion fills more; strokes, hairs and rings drawn around lesions fill less."""

_MOST_ELONGATED = 6.0
_COMPARABLE = 0.15
"""A region of this share of the main lesion's area counts as another lesion."""

_FITS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Lesions:
    """What stands out of the skin: the main lesion's mask [H, W], every counted region's, the regions, main first.

    Empty masks and no regions where nothing stands out.
    """

    main: Mask
    counted: Mask
    regions: tuple[Region, ...]

    @property
    def share(self) -> float:
        """Of the frame, the main lesion's area."""
        return float(self.regions[0].area / self.main.size) if self.regions else 0.0

    @property
    def diameter(self) -> float:
        """Of the disc as large as the main lesion, as a share of the short side."""
        area = self.regions[0].area if self.regions else 0
        return float(math.sqrt(4 * area / math.pi) / min(self.main.shape))

    @property
    def on_border(self) -> float:
        """Share of the frame's outline that the main lesion lies on."""
        outline = np.concatenate([self.main[0], self.main[-1], self.main[1:-1, 0], self.main[1:-1, -1]])
        return float(outline.mean())


def find_lesions(rgb: NDArray[np.uint8]) -> Lesions:
    """Find lesions in `rgb` [H, W, 3]: at least 0.06 % of the frame, neither thin nor hollow."""
    lab = lab_of(_without_hair(rgb))
    difference = gaussian(_difference(lab), 1.0)
    mask = closed(opened(difference > _parting(difference), 1), 2)
    plane, regions = regions_of(mask, max(6, round(_LEAST_REGION * mask.size)))
    lesions = [one for one in regions if _lesion_shaped(one)]
    if not lesions:
        none = np.zeros_like(mask)
        return Lesions(none, none, ())
    main = max(lesions, key=lambda one: _prominence(one, difference, plane))
    counted = [main, *(one for one in lesions if one is not main and one.area >= _COMPARABLE * main.area)]
    return Lesions(plane == main.label, np.isin(plane, [one.label for one in counted]), tuple(counted))


def _without_hair(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([closed_plane(np.ascontiguousarray(rgb[..., one]), _HAIR_REACH) for one in range(3)], axis=-1)


def _difference(lab: Floats) -> Floats:
    """Colour difference [H, W] from the skin that would be there: a smooth surface fitted to what is no lesion."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).reshape(-1, 6)
    colours = lab.reshape(-1, 3).astype(np.float64)
    away = colours - np.median(colours, axis=0)
    for _ in range(_FITS):
        near = _length(away) <= np.quantile(_length(away), 0.7)
        # Solved over a fifth of the pixels: a smooth surface needs no more.
        surface, *_ = np.linalg.lstsq(terms[near][::5], colours[near][::5], rcond=None)
        away = colours - terms @ surface
    glare = (away[:, 0] > 4) & (np.abs(away[:, 1]) + np.abs(away[:, 2]) < away[:, 0])
    length = _length(away) * np.where(glare, _GLARE_WEIGHT, 1.0)
    return length.reshape(height, width).astype(np.float32)


def _length(away: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt((0.8 * away[:, 0]) ** 2 + away[:, 1] ** 2 + away[:, 2] ** 2))


def _parting(difference: Floats) -> float:
    """Otsu's threshold (1979) of the differences, kept within bounds."""
    counts, edges = np.histogram(difference, bins=64, range=(0, 64))
    middle = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    total = np.cumsum(counts * middle)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (total[-1] * below / below[-1] - total) ** 2 / (below * above)
    best = float(middle[int(np.nanargmax(np.where(above > 0, between, np.nan)))]) if above[0] > 0 else 0.0
    return min(max(best, _LEAST_DIFFERENCE), _MOST_DIFFERENCE)


def _lesion_shaped(region: Region) -> bool:
    longer, shorter = max(region.width, region.height), min(region.width, region.height)
    return region.area >= _LEAST_FILL * region.width * region.height and longer <= _MOST_ELONGATED * shorter


def _prominence(region: Region, difference: Floats, plane: NDArray[np.int32]) -> float:
    """How much of a main lesion it is: large, different, near the middle of the frame."""
    height, width = plane.shape
    off = math.hypot(region.centre_x / width - 0.5, region.centre_y / height - 0.5)
    return math.sqrt(region.area) * float(difference[plane == region.label].mean()) * math.exp(-((off / 0.3) ** 2))
