"""Pixels as a file that any browser shows, with the profile that says what their colours mean."""

import io
import zlib

from PIL import Image

from gateway.conversion.jpeg_markers import with_icc
from gateway.conversion.png_layout import SIGNATURE, chunk
from gateway.conversion.recoding import Pixels, coded_anew

_FAST = 1
_BEHIND_HEADER = len(SIGNATURE) + 25


def as_jpeg(pixels: Pixels, icc: bytes | None) -> bytes:
    """A baseline JPEG of quality 95 without subsampling."""
    return with_icc(coded_anew(pixels, None).stream, icc)


def as_png(pixels: Pixels) -> bytes:
    """A PNG of 8 bit grey or RGB, quickly rather than small."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG", compress_level=_FAST)
    return target.getvalue()


def png_with_color(stream: bytes, icc: bytes | None, *, srgb: bool) -> bytes:
    """The PNG with the chunk that says what its colours mean, where it belongs: behind the header."""
    if icc is not None:
        meaning = chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(icc))
    elif srgb:
        meaning = chunk(b"sRGB", b"\x00")
    else:
        return stream
    return b"".join([stream[:_BEHIND_HEADER], meaning, stream[_BEHIND_HEADER:]])
