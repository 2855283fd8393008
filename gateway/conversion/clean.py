"""The way in: bytes of a photo to a picture that is fit to keep."""

from typing import Final

from gateway.conversion.clean_jpeg import clean_jpeg
from gateway.conversion.errors import UnsupportedFormatError
from gateway.conversion.picture import CleanPicture
from inference.errors import PictureError
from inference.formats.sniffing import sniff

DEFAULT_MAX_PIXELS: Final = 220_000_000


def clean_picture(data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> CleanPicture:
    """The picture in `data`, upright and without anything that identifies somebody beside its pixels.

    The format is told by the first bytes alone. Of a file with several pictures the primary one is taken, of an
    animation or of pages all frames; `max_pixels` holds for all of them together. Raises PictureError:
    UnsupportedFormatError, UnsupportedCodingError, DamagedPictureError or TooManyPixelsError.
    """
    try:
        name = sniff(data)
    except PictureError as error:
        raise UnsupportedFormatError(str(error)) from error
    if name == "jpeg":
        return clean_jpeg(data, max_pixels)
    # The decoders of other formats are loaded by the first that needs them: a folder of JPEG waits for none.
    if name == "png":
        from gateway.conversion.clean_png import clean_png  # noqa: PLC0415

        return clean_png(data, max_pixels)
    from gateway.conversion.clean_raster import clean_raster  # noqa: PLC0415

    return clean_raster(name, data, max_pixels)
