"""A photo taken apart: bare skin, and the lesion as what it lets through of the light.

A lesion kept as a ratio can be laid on any other skin at any size, and no rim shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from trainer.faults.c.fields import smooth
from trainer.faults.c.lesion.finding import Spot, find_spot
from trainer.faults.c.lesion.inpainting import without
from trainer.faults.c.lesion.plain import Plain, plainest
from trainer.faults.c.pixels import Pixels, Plane, Size, light_of, plane_of, resized

_CUT_OFF = 0.2
_FULL = 0.7


@dataclass(frozen=True, slots=True)
class Cutout:
    """`skin`: linear light [rows, columns, 3] without the lesion; `veil`: log of the light ratio around it (0 = bare).

    `hidden`: where skin is made up, 0..1; `doubt`: above 1 that may look made up. `plain`: the most even skin of it.
    `whole`: the frame does not cut it off, and it is no crescent or ring, of which a part was most likely not found.
    `diameter_px` is the lesion's, in the photo; `veil` is larger, with a rim of zeros.
    """

    skin: Pixels
    hidden: Plane
    doubt: float
    plain: Plain
    veil: Pixels
    whole: bool
    diameter_px: float
    x: float
    y: float


def take_apart(photo: Image.Image, rng: np.random.Generator) -> Cutout:
    """Part an RGB photo into skin and lesion."""
    spot = find_spot(photo)
    light = light_of(photo)
    cover = plane_of(spot.mask)
    hidden = plane_of(spot.around)
    plain = plainest(light, hidden)
    filled = without(light, hidden, plain.light, rng)
    skin = filled.light
    left, top, right, bottom = _box(spot)
    inside = (slice(top, bottom), slice(left, right))
    ratio = np.clip((light[inside] + 0.004) / (skin[inside] + 0.004), 0.03, 3)
    fading = _fading_at_frame((left, top, right, bottom), photo.size)
    veil = np.log(ratio) * (np.clip(cover[inside] * 1.6, 0, 1) * fading)[..., None]
    return Cutout(
        skin=skin,
        hidden=hidden,
        doubt=filled.doubt,
        plain=plain,
        veil=veil.astype(np.float32),
        whole=_whole(cover, inside),
        diameter_px=spot.diameter_px,
        x=(left + right) / 2,
        y=(top + bottom) / 2,
    )


def lay(light: Pixels, veils: Sequence[tuple[Pixels, float, float]]) -> None:
    """Lay veils, each with its centre at (x, y) pixels, over linear light, in place.

    Where two overlap the stronger one counts; what is beyond the frame is left out.
    """
    whole = np.zeros_like(light)
    for veil, x, y in veils:
        height, width = veil.shape[:2]
        left, top = round(x - width / 2), round(y - height / 2)
        rows = slice(max(top, 0), min(top + height, light.shape[0]))
        columns = slice(max(left, 0), min(left + width, light.shape[1]))
        if rows.start < rows.stop and columns.start < columns.stop:
            part = veil[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
            under = whole[rows, columns]
            np.copyto(under, part, where=np.abs(part) > np.abs(under))
    light *= np.exp(whole)


def scaled(veil: Pixels, share: float) -> Pixels:
    """The veil at `share` of its sides, at least 3 pixels."""
    size = (max(3, round(veil.shape[1] * share)), max(3, round(veil.shape[0] * share)))
    return resized(veil, size, Image.Resampling.BOX if share < 0.5 else Image.Resampling.BICUBIC)


def turned(veil: Pixels, rng: np.random.Generator) -> Pixels:
    """The veil mirrored and turned by any angle, in a box that holds all of it."""
    flipped = veil[:, ::-1] if rng.random() < 0.5 else veil
    angle = float(rng.uniform(0, 360))
    planes = [
        Image.fromarray(np.ascontiguousarray(flipped[..., channel])).rotate(
            angle, Image.Resampling.BILINEAR, expand=True
        )
        for channel in range(3)
    ]
    return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes], axis=-1)


def _fading_at_frame(box: tuple[int, int, int, int], size: Size) -> Plane:
    """1, but falling to 0 at those sides of the box that are the photo's own: a lesion cut off there ends softly."""
    left, top, right, bottom = box

    def side(length: int, at_start: bool, at_end: bool) -> Plane:
        rise = smooth(np.linspace(0, 1, length, dtype=np.float32), 0.0, 0.2)
        return (rise if at_start else np.ones_like(rise)) * (rise[::-1] if at_end else np.ones_like(rise))

    down = side(bottom - top, top == 0, bottom == size[1])
    across = side(right - left, left == 0, right == size[0])
    return down[:, None] * across[None, :]


def _whole(cover: Plane, inside: tuple[slice, slice]) -> bool:
    """Whether the lesion of this cover lies within the frame and covers the middle of its own box."""
    rim = max(float(side.max()) for side in (cover[0], cover[-1], cover[:, 0], cover[:, -1]))
    box = cover[inside]
    height, width = box.shape
    middle = box[height * 2 // 5 : height * 3 // 5 + 1, width * 2 // 5 : width * 3 // 5 + 1]
    return rim < _CUT_OFF and float(middle.mean()) > _FULL


def _box(spot: Spot) -> tuple[int, int, int, int]:
    left, top, right, bottom = spot.mask.point(lambda value: 255 if value > 6 else 0).getbbox() or (
        0,
        0,
        *spot.mask.size,
    )
    return left, top, right, bottom
