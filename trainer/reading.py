"""Reading a photo as serving reads it, with the trainer's own bounds."""

from inference.errors import PictureError
from inference.picture import Picture, decode_picture
from trainer.errors import BadData

MAX_PIXELS = 220_000_000
MIN_SIDE = 96
"""A few photos of PAD-UFES-20 are smaller than what serving takes; a native patch must fit into each."""


def read_picture(data: bytes, name: str) -> Picture:
    """Decode a photo called `name`. Raises BadData where serving would refuse it for anything but its size."""
    try:
        return decode_picture(data, max_pixels=MAX_PIXELS, min_side=MIN_SIDE)
    except PictureError as error:
        raise BadData(f"{name}: {error}") from error
