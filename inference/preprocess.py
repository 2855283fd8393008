"""From a picture to what a model takes; the same code for training and serving.

Both functions give float32 in 0..1 (8-bit sample / 255), RGB, channels first, upright.

Why the whole image is squashed to a square, not cropped or padded: a crop takes away what lies at the edge, which
is where watermarks and off-centre lesions are, and padding spends a quarter of the few pixels on nothing and shows
the model the frame's shape. What squashing costs, a 4:3 picture stretched by a third, the trainer makes the models
used to by stretching its own photos both ways. The mode's name stands in the manifest; another way gets another name.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.errors import TooSmall
from inference.orientation import stored_box, turn
from inference.patches import PatchPlan
from inference.picture import Picture

Tensor = NDArray[np.float32]

SQUASH = "squash-1"
"""Whole frame to a square: box-reduced by whole factors to at least twice the size, then bilinear (antialiased)."""

_REDUCING_GAP = 2.0
_LARGE_PIXELS = 4_000_000
"""From here on a second thread is worth its start."""


def whole_image(picture: Picture, image_size: int, mode: str = SQUASH) -> Tensor:
    """Give the whole picture as [3, image_size, image_size].

    Raises KeyError for a mode that is none of `MODES`.
    """
    return _tensor(turn(MODES[mode](picture.image, image_size), picture.orientation))


def native_patches(picture: Picture, plan: PatchPlan) -> Tensor:
    """Cut the plan's patches at the picture's own resolution: [count, 3, size, size], in the plan's order.

    A patch that would reach over the edge is moved inside. Raises TooSmall where the picture's short side is less
    than a patch.
    """
    if min(picture.width, picture.height) < plan.size:
        raise TooSmall(f"the picture is smaller than a patch of {plan.size} pixels")
    return np.stack([_patch(picture, plan.size, x, y) for x, y in plan.centres])


def _patch(picture: Picture, size: int, x: float, y: float) -> Tensor:
    left = _inside(x * picture.width - size / 2, picture.width - size)
    top = _inside(y * picture.height - size / 2, picture.height - size)
    box = stored_box((left, top, left + size, top + size), picture.orientation, *picture.image.size)
    return _tensor(turn(picture.image.crop(box), picture.orientation))


def _inside(position: float, highest: int) -> int:
    # Half up, not to even: the same on every side.
    return min(max(int(position + 0.5), 0), highest)


def _squash(image: Image.Image, size: int) -> Image.Image:
    """What `image.resize(…, BILINEAR, reducing_gap=2)` gives, sample for sample, by two threads where it is large."""
    across = max(int(image.width / size / _REDUCING_GAP), 1)
    down = max(int(image.height / size / _REDUCING_GAP), 1)
    small = _reduced(image, across, down)
    box = (0, 0, image.width / across, image.height / down)
    return small.resize((size, size), Image.Resampling.BILINEAR, box=box)


def _reduced(image: Image.Image, across: int, down: int) -> Image.Image:
    """Average blocks of `across` x `down` pixels; the halves above and below are whole blocks each."""
    if (across, down) == (1, 1):
        return image
    middle = image.height // 2 // down * down
    if image.width * image.height < _LARGE_PIXELS or middle == 0:
        return image.reduce((across, down))
    with ThreadPoolExecutor(1) as other:
        above = other.submit(image.reduce, (across, down), (0, 0, image.width, middle))
        below = image.reduce((across, down), (0, middle, image.width, image.height))
        joined = Image.new(image.mode, (below.width, above.result().height + below.height))
    joined.paste(above.result(), (0, 0))
    joined.paste(below, (0, above.result().height))
    return joined


def _tensor(image: Image.Image) -> Tensor:
    samples_hwc = np.asarray(image, dtype=np.uint8)
    tensor_chw = np.empty((3, *samples_hwc.shape[:2]), dtype=np.float32)
    return np.divide(samples_hwc.transpose(2, 0, 1), np.float32(255), out=tensor_chw)


MODES: dict[str, Callable[[Image.Image, int], Image.Image]] = {SQUASH: _squash}
"""Ways to make a square small picture of a stored, unturned one; each must not care how the picture is turned."""
