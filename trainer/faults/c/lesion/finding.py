"""Where the lesion of a photo is: the blob near the middle that differs most from the skin at the frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.faults.c.fields import around
from trainer.faults.c.pixels import Plane, Size, coded_of, mask_of

Mask = NDArray[np.bool_]

_SEARCH_PX = 112
_LARGEST_SHARE = 0.4
_PLAUSIBLE_SHARE = 0.12
_SMALLEST_SHARE = 0.002
_MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Spot:
    """A lesion in a photo: soft mask ("L", the photo's size) and the diameter of a disc of its area.

    `around` covers what belongs to it more loosely: redness, scale, a second part.
    """

    mask: Image.Image
    around: Image.Image
    diameter_px: float


def find_spot(photo: Image.Image) -> Spot:
    """The lesion of an RGB photo; where none stands out, a disc in the middle is taken for it."""
    small = _small(photo)
    scale = small.width / photo.width
    contrast = _contrast(small)
    contrast /= max(float(contrast.max()), 1e-6)
    blob, wide = _blobs(contrast)
    if not _SMALLEST_SHARE < float(blob.mean()) < _LARGEST_SHARE:
        blob = wide = (around(small.size, (0.5, 0.5), 0.2) > 0.37).astype(np.float32)
    return Spot(
        mask=_soft(blob, 3, photo.size),
        around=_soft(np.maximum(blob, wide), 6, photo.size),
        diameter_px=2 * float(np.sqrt(blob.sum() / np.pi)) / scale,
    )


def _soft(blob: Plane, wider_px: int, size: Size) -> Image.Image:
    """The blob `wider_px` wider all around, with a soft rim, as a mask of `size`."""
    # A box of a few hundred pixels that holds one of the blob is not black: the rank filter's answer, far sooner.
    wide = mask_of(blob).filter(ImageFilter.BoxBlur(wider_px)).point(lambda value: 255 if value else 0)
    return wide.filter(ImageFilter.GaussianBlur(2.2)).resize(size, Image.Resampling.BICUBIC)


def standing_out(photo: Image.Image) -> float:
    """How far the most striking part of a photo is from its skin, 0..1 and above; bare skin is near 0."""
    return float(np.quantile(_contrast(_small(photo)), 0.985))


def _small(photo: Image.Image) -> Image.Image:
    scale = min(1.0, _SEARCH_PX / max(photo.size))
    return photo.resize((max(int(photo.width * scale), 8), max(int(photo.height * scale), 8)), Image.Resampling.BOX)


def _contrast(small: Image.Image) -> Plane:
    """How far each pixel is from the skin at the frame: darker or redder counts in full, lighter by half.

    Less far away from the middle, where the subject is expected.
    """
    coded = coded_of(small.filter(ImageFilter.GaussianBlur(1.0)))
    frame = np.concatenate([coded[:4].reshape(-1, 3), coded[-4:].reshape(-1, 3), coded[:, :4].reshape(-1, 3)])
    away = coded - np.median(frame, axis=0).astype(np.float32)
    level, redness = away.mean(-1), away[..., 0] - away[..., 1]
    tone = np.where(level > 0, level * np.float32(0.5), -level)
    distance = tone + np.where(redness > 0, redness * np.float32(1.5), -redness * np.float32(0.5))
    weight = np.float32(0.25) + np.float32(0.75) * around(small.size, (0.5, 0.5), 0.45)
    return np.asarray(distance * weight, dtype=np.float32)


def _blobs(contrast: Plane) -> tuple[Plane, Plane]:
    """The connected part above Otsu's threshold that holds the strongest contrast; parted again while too large.

    The second is the largest of them that is not most of the photo.
    """
    found: list[Plane] = []
    least = 0.0
    for _ in range(3):
        least += (1 - least) * _otsu((contrast[contrast >= least] - least) / (1 - least))
        found.append(_connected(contrast, least))
        if float(found[-1].mean()) < _PLAUSIBLE_SHARE:
            break
    wide = next((blob for blob in found if float(blob.mean()) < _LARGEST_SHARE), found[-1])
    return found[-1], wide


def _connected(contrast: Plane, least: float) -> Plane:
    """The part of at least `least` that holds the strongest contrast, all in one piece, holes filled."""
    above = contrast >= least
    seed = np.zeros_like(above)
    seed[np.unravel_index(int(contrast.argmax()), contrast.shape)] = True
    outside = ~_grown(seed, above)
    frame = outside.copy()
    frame[1:-1, 1:-1] = False
    # What the frame cannot be reached from is a hole, and belongs to it: a lesion ringed by a pen, say.
    return (~_grown(frame, outside)).astype(np.float32)


def _grown(seed: Mask, within: Mask) -> Mask:
    """The seed spread over all that is connected to it in `within`, corners included."""
    for _ in range(_MOST_STEPS):
        wider = seed.copy()
        wider[1:] |= seed[:-1]
        wider[:-1] |= seed[1:]
        across = wider.copy()
        wider[:, 1:] |= across[:, :-1]
        wider[:, :-1] |= across[:, 1:]
        wider &= within
        if np.array_equal(wider, seed):
            break
        seed = wider
    return seed


def _otsu(values: Plane) -> float:
    """The threshold that parts values of 0..1 best in two (Otsu 1979)."""
    counts, edges = np.histogram(values, 64, (0, 1))
    total = max(int(counts.sum()), 1)
    share = np.cumsum(counts) / total
    sums = np.cumsum(counts * (edges[:-1] + edges[1:]) / 2) / total
    between = (sums[-1] * share - sums) ** 2 / np.maximum(share * (1 - share), 1e-9)
    return float(edges[int(between[:-1].argmax()) + 1])
