"""One photo at the two sizes that the measures look at, so that each is made once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.orientation import turn
from inference.picture import Picture
from trainer.sorting.cielab import lab_of

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

COARSE_SIDE = 160
"""Short side in pixels at which skin and lesions are told apart; a larger photo is reduced to it."""

FINE_SIDE = 400
"""Short side in pixels at which focus and marks are looked at: one pixel is 0.25 % of the short side, finer than the
blur that makes a photo useless; twelve megapixels reduced to it still show a blur of 1 %."""

MAX_ASPECT = 8
"""A longer strip is measured in its middle part only: bounds the work whatever the photo's shape."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The upright photo made small.

    `coarse_rgb` [h, w, 3] uint8 and `coarse_lab` [h, w, 3] (L 0..100, a, b) at `COARSE_SIDE`; `fine_rgb` [H, W, 3]
    uint8 and `fine_luma` [H, W] 0..255 (BT.601, gamma coded) at `FINE_SIDE` exactly: a smaller photo is enlarged,
    because filters a pixel wide would measure its pixels instead of its blur.
    """

    coarse_rgb: NDArray[np.uint8]
    coarse_lab: Floats
    fine_rgb: NDArray[np.uint8]
    fine_luma: Floats


def view_of(picture: Picture) -> View:
    """Reduce a decoded picture, upright, to both sizes."""
    return view_of_image(turn(_middle(picture.image), picture.orientation))


def view_of_image(image: Image.Image) -> View:
    """Reduce an upright RGB image to both sizes."""
    fine = reduced(_middle(image), FINE_SIDE)
    coarse_rgb = np.asarray(reduced(fine, COARSE_SIDE), dtype=np.uint8)
    size = _scaled(fine, FINE_SIDE)
    luma = Image.fromarray(np.asarray(fine.convert("L"), dtype=np.float32))
    return View(
        coarse_rgb=coarse_rgb,
        coarse_lab=lab_of(coarse_rgb),
        fine_rgb=np.asarray(fine.resize(size, Image.Resampling.BILINEAR), dtype=np.uint8),
        fine_luma=np.asarray(luma.resize(size, Image.Resampling.LANCZOS)),
    )


def reduced(image: Image.Image, side: int) -> Image.Image:
    """Reduce so that the short side is at most `side` pixels, without aliasing; the ratio of the sides stays."""
    if min(image.size) <= side:
        return image
    return image.resize(_scaled(image, side), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _scaled(image: Image.Image, side: int) -> tuple[int, int]:
    factor = side / min(image.size)
    return round(image.width * factor), round(image.height * factor)


def _middle(image: Image.Image) -> Image.Image:
    width, height = image.size
    keep_width, keep_height = min(width, height * MAX_ASPECT), min(height, width * MAX_ASPECT)
    if (keep_width, keep_height) == (width, height):
        return image
    left, top = (width - keep_width) // 2, (height - keep_height) // 2
    return image.crop((left, top, left + keep_width, top + keep_height))
