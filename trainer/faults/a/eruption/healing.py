"""The photo's own skin without its lesion: colour from around, detail from elsewhere in the same photo."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.faults.primitives import Pixels, axes, mixed, photo_of, pixels, resized, smoothstep
from trainer.synthetic.noise import Field

_SIDE = 64
_LEAST_UNLIKE = 14.0  # of 255 over RGB: less is shading
_LARGEST = 0.4  # of the frame's area: of more, too little skin is left to heal from


def healed(photo: Image.Image) -> Image.Image | None:
    """The photo with what stands out in its middle filled in, or None where that is most of the photo."""
    small = photo.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    wound = _standing_out(small)
    if float(wound.mean()) > _LARGEST:
        return None
    grown = Image.fromarray((wound * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(7))
    soft = grown.filter(ImageFilter.GaussianBlur(1.2)).resize(photo.size, Image.Resampling.BILINEAR)
    cover = np.asarray(soft, dtype=np.float32) / np.float32(255)
    colour = resized(_filled(pixels(small), np.asarray(grown) > 0), photo.size)
    values = pixels(photo)
    return photo_of(mixed(values, colour + _detail_from_elsewhere(photo, values), cover))


def _standing_out(small: Image.Image) -> Field:
    """1 where the colour is far from that of the frame's edge, near the middle of the frame."""
    values = pixels(small.filter(ImageFilter.GaussianBlur(1)))
    edge = np.concatenate([values[:5].reshape(-1, 3), values[-5:].reshape(-1, 3), values[:, :5].reshape(-1, 3)])
    x, y = axes(small.size)
    unlike = np.linalg.norm(values - np.median(edge, axis=0), axis=2) * smoothstep((0.52 - np.hypot(x, y)) * 5)
    return np.asarray(unlike > max(_LEAST_UNLIKE, 0.3 * float(unlike.max())), dtype=np.float32)


def _filled(values: Pixels, unknown: NDArray[np.bool_]) -> Pixels:
    """Colours of the small picture carried into what is unknown, by ever wider means."""
    known = (~unknown).astype(np.float32)[..., None]
    weighted = values * known
    for radius in (3, 7, 15, 31):
        near = _mean(weighted, radius) / np.maximum(_mean(known, radius), 1e-3)
        reached = (known == 0) & (_mean(known, radius) > 0.05)
        values = np.where(reached, near, values)
        known = np.where(reached, np.float32(1), known)
        weighted = values * known
    return np.stack([_mean(values[..., k : k + 1], 2)[..., 0] for k in range(3)], axis=-1).astype(np.float32)


def _mean(field: Pixels, radius: int) -> Pixels:
    """Mean over a square of `radius` cells to each side, borders repeated."""
    padded = np.pad(field, ((radius + 1, radius), (radius + 1, radius), (0, 0)), mode="edge")
    sums = padded.cumsum(0, dtype=np.float64).cumsum(1)
    wide = 2 * radius + 1
    total = sums[wide:, wide:] - sums[:-wide, wide:] - sums[wide:, :-wide] + sums[:-wide, :-wide]
    return np.asarray(total / wide**2, dtype=np.float32)


def _detail_from_elsewhere(photo: Image.Image, values: Pixels) -> Pixels:
    """What the photo's corners have over their local mean, moved to the middle."""
    coarse = photo.resize((_SIDE // 2, _SIDE // 2), Image.Resampling.BOX).resize(photo.size, Image.Resampling.BICUBIC)
    detail = np.clip(values - pixels(coarse), -45, 45)
    return np.roll(detail, (photo.height // 2, photo.width // 2), axis=(0, 1))
