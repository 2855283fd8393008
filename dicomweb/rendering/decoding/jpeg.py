"""What is looked at before a JPEG is decoded, and told to the decoder (ITU-T T.81)."""

from typing import Final

from PIL.ImageFile import ImageFile

from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.jpeg_stream import read_jpeg_header

_SCAN: Final = b"\xff\xda"
_MAX_SCANS: Final = 100
"""Each scan of a progressive JPEG is a pass over the whole picture; encoders make ten."""


def check_scans(data: bytes) -> None:
    """See that decoding is not endless.

    Raises:
        NotRenderableError: more scans than any encoder makes.
    """
    if data.count(_SCAN) > _MAX_SCANS:
        raise NotRenderableError("the coded picture has too many scans")


def tell_colours(picture: ImageFile, data: bytes, photometric_interpretation: str) -> None:
    """A JPEG that does not say what its three components are is RGB where its object says so."""
    if picture.mode != "RGB" or photometric_interpretation != "RGB":
        return
    header = read_jpeg_header(data)
    if header is not None and not header.colours_are_said:
        picture.tile = [tile._replace(args=("RGB", "RGB")) for tile in picture.tile]
