"""Pictures as files (PS3.18 8.7.4)."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from PIL import Image

from dicomweb.rendering.errors import NotRenderableError

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
GIF: Final = "image/gif"
PICTURES: Final = (JPEG, PNG, GIF)
"""In the order in which they are offered."""
DEFAULT_QUALITY: Final = 90
_PNG_LEVEL: Final = 1
"""Twice as fast as zlib's default, files of photos a percent larger."""


def encoded(picture: Image.Image, media_type: str, quality: int | None, profile: bytes | None) -> bytes:
    """A picture of mode L or RGB as a file; `quality` is for JPEG.

    Raises:
        NotRenderableError: it is too large for the format.
    """
    buffer = BytesIO()
    try:
        if media_type == JPEG:
            picture.save(buffer, "JPEG", quality=quality or DEFAULT_QUALITY, icc_profile=profile)
        elif media_type == PNG:
            picture.save(buffer, "PNG", compress_level=_PNG_LEVEL, icc_profile=profile)
        else:
            picture.save(buffer, "GIF")
    except (OSError, ValueError) as error:
        raise NotRenderableError(f"the picture cannot be made {media_type}") from error
    return buffer.getvalue()


def animated(pictures: Sequence[Image.Image], milliseconds: Sequence[int]) -> bytes:
    """Pictures of one size as an animated GIF that goes on for ever, each shown for its time."""
    buffer = BytesIO()
    first, *others = [picture.quantize() if picture.mode == "RGB" else picture for picture in pictures]
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=list(milliseconds), loop=0, disposal=1)
    return buffer.getvalue()
