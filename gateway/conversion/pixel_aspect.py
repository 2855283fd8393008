"""Pixels that are not square: what formats say by densities, and objects by a ratio (PS3.3 C.7.6.3, 0028,0034)."""

import struct
from fractions import Fraction
from typing import Final

from gateway.conversion.jpeg_layout import JpegLayout
from gateway.conversion.jpeg_markers import density_of
from gateway.conversion.orientation import Turn
from gateway.conversion.png_layout import PngLayout
from gateway.conversion.tiff import open_tiff

Aspect = tuple[int, int]
"""Height of a pixel, then its width, in units of their own."""

_ROUNDING: Final = Fraction(1, 200)
"""Densities are rounded one by one: 11811 x 11810 dots per metre are meant to be square."""
_MOST: Final = 20
"""A density that would make pixels longer than this is no density."""
_LARGEST_DENOMINATOR: Final = 3000
_X_RESOLUTION, _Y_RESOLUTION = 0x011A, 0x011B


def aspect_of_densities(across: Fraction | int, down: Fraction | int) -> Aspect | None:
    """The shape of pixels of which so many lie in one length across and down; None for square ones and for nonsense.

    Both terms fit 16 bits, as a JPEG has them.
    """
    if across <= 0 or down <= 0:
        return None
    ratio = Fraction(across) / Fraction(down)
    if abs(ratio - 1) <= _ROUNDING or not Fraction(1, _MOST) <= ratio <= _MOST:
        return None
    simple = ratio.limit_denominator(_LARGEST_DENOMINATOR)
    return simple.numerator, simple.denominator


def upright(aspect: Aspect | None, turn: Turn | None) -> Aspect | None:
    """The shape after a turn."""
    return aspect[::-1] if aspect is not None and turn is not None and turn.transpose else aspect


def aspect_of_jpeg(layout: JpegLayout, data: bytes) -> Aspect | None:
    """By JFIF's densities; their unit does not matter, where there is none they are the ratio itself."""
    density = density_of(layout, data)
    return None if density is None else aspect_of_densities(*density)


def aspect_of_png(layout: PngLayout, data: bytes) -> Aspect | None:
    """By the pHYs chunk (PNG specification, 11.3.5.3)."""
    content = layout.content(data, b"pHYs") or b""
    return aspect_of_densities(*struct.unpack_from(">II", content)) if len(content) == 9 else None


def aspect_of_tiff(data: bytes) -> Aspect | None:
    """By XResolution and YResolution of the first directory (TIFF 6.0, section 8)."""
    tiff = open_tiff(data)
    fields = {} if tiff is None else tiff.directory(tiff.first)
    found = [fields[tag].numbers() if tag in fields else () for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
    across, down = (next(iter(numbers), None) for numbers in found)
    return None if across is None or down is None else aspect_of_densities(across, down)
