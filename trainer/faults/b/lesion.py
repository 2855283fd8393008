"""Where the lesion of a photo probably is: what differs most from the skin at the frame's edge, near the middle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.faults.primitives import axes, pixels
from trainer.synthetic.noise import Field

_WORKING_SIDE = 96
_PALER = 0.7  # of the threshold: a lesion has paler parts beside its darkest
_LEAST_UNLIKE = 6.0  # of 255: what differs less from the edge is shading
_SMALLEST_SHARE = 0.004  # of the frame's area: less is noise


@dataclass(frozen=True, slots=True)
class Found:
    """A lesion: `cover` [rows, columns] of 96 pixels or fewer on the long side, True on it; its box as shares.

    `extent` is the longer side of the box over the short side of the frame, 0..; where nothing stood out, the middle
    0.4 of the frame is taken for the lesion.
    """

    cover: NDArray[np.bool_]
    left: float
    top: float
    right: float
    bottom: float
    extent: float


def find_lesion(photo: Image.Image) -> Found:
    """Find the lesion by Otsu's threshold on the distance from the colour of the frame's edge."""
    small = photo.copy()
    small.thumbnail((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.BOX)
    unlike = _unlike_skin(small)
    cover = _around_peak(unlike > max(_PALER * _otsu(unlike), _LEAST_UNLIKE), unlike)
    if cover.mean() < _SMALLEST_SHARE:
        x, y = axes(small.size)
        away = np.hypot(x, y)
        cover = (away < 0.2) | (away == away.min())  # a strip may have no pixel as near as that
    return _measured(cover)


def soft_cover(found: Found, size: tuple[int, int], grow: int = 1) -> Field:
    """The lesion's cover in `size` (width, height), grown by about `grow` percent of the frame, with soft rims."""
    small = Image.fromarray(found.cover.astype(np.uint8) * 255)
    for _ in range(grow):
        small = small.filter(ImageFilter.MaxFilter(3))
    smooth = small.filter(ImageFilter.GaussianBlur(0.8)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(smooth, dtype=np.float32) / np.float32(255)


def _unlike_skin(small: Image.Image) -> Field:
    """Distance in colour from the edge's median, weighted towards the middle of the frame."""
    values = pixels(small.filter(ImageFilter.GaussianBlur(1.5)))
    rim = max(2, min(small.size) // 10)
    edge = np.concatenate(
        [
            values[:rim].reshape(-1, 3),
            values[-rim:].reshape(-1, 3),
            values[:, :rim].reshape(-1, 3),
            values[:, -rim:].reshape(-1, 3),
        ]
    )
    x, y = axes(small.size)
    towards_middle = np.exp(-((x * x + y * y) / np.float32(0.09)))
    return np.asarray(np.linalg.norm(values - np.median(edge, axis=0), axis=2) * towards_middle, dtype=np.float32)


def _otsu(field: Field) -> float:
    """The threshold that parts the field's values best (Otsu, IEEE Trans. SMC 1979)."""
    counts, bounds = np.histogram(field, bins=64)
    middles = (bounds[:-1] + bounds[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
        between_classes = np.nan_to_num(below * above * gap * gap)
    return float(middles[int(np.argmax(between_classes))])


def _around_peak(candidate: NDArray[np.bool_], unlike: Field) -> NDArray[np.bool_]:
    """The part of `candidate` that hangs together with its most unlike pixel."""
    peak = np.unravel_index(int(np.argmax(unlike)), unlike.shape)
    part = np.zeros_like(candidate)
    part[peak] = candidate[peak]
    grown_count = int(part.sum())
    while True:
        grown = np.asarray(Image.fromarray(part.astype(np.uint8)).filter(ImageFilter.MaxFilter(5))) > 0
        part = grown & candidate
        if int(part.sum()) == grown_count:
            return part
        grown_count = int(part.sum())


def _measured(cover: NDArray[np.bool_]) -> Found:
    rows, columns = (np.flatnonzero(cover.any(axis)) for axis in (1, 0))
    height, width = cover.shape
    box_width, box_height = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    return Found(
        cover=cover,
        left=float(columns[0] / width),
        top=float(rows[0] / height),
        right=float((columns[-1] + 1) / width),
        bottom=float((rows[-1] + 1) / height),
        extent=float(max(box_width, box_height) / min(width, height)),
    )
