"""The way in: bytes of a photo to a picture that is fit to keep. One line of the table per format taken."""

from collections.abc import Callable
from typing import Final

from gateway.conversion.clean_jpeg import clean_jpeg
from gateway.conversion.clean_png import clean_png
from gateway.conversion.errors import UnsupportedFormatError
from gateway.conversion.jpeg_layout import SOI
from gateway.conversion.picture import CleanPicture
from gateway.conversion.png_layout import SIGNATURE

DEFAULT_MAX_PIXELS: Final = 220_000_000

_FORMATS: Final[tuple[tuple[bytes, Callable[[bytes, int], CleanPicture]], ...]] = (
    (SOI + b"\xff", clean_jpeg),
    (SIGNATURE, clean_png),
)
"""First bytes -> what cleans such a file, given the most pixels allowed."""


def clean_picture(data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> CleanPicture:
    """The picture in `data`, upright and without anything that identifies somebody beside its pixels.

    The format is told by the first bytes alone. Raises PictureError: UnsupportedFormatError,
    UnsupportedCodingError, DamagedPictureError or TooManyPixelsError.
    """
    for first_bytes, clean in _FORMATS:
        if data.startswith(first_bytes):
            return clean(data, max_pixels)
    raise UnsupportedFormatError("neither a JPEG nor a PNG")
