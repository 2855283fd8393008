"""How a picture was held: the EXIF orientation, and turning boxes and pictures by it.

Orientation values are those of EXIF 2.32 4.6.4 (tag 0x0112): 1 is upright, 6 must be turned 90 degrees
clockwise to be upright, and so on to 8.
"""

import struct

from PIL import Image

UPRIGHT = 1
_ORIENTATION_TAG = 0x0112
_SHORT = 3
_ENTRY_BYTES = 12
_MAX_ENTRIES = 1000  # of IFD0; real ones hold some ten to fifty

_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels, right and bottom exclusive."""


def orientation_of(tiff: bytes) -> int:
    """Read the orientation out of EXIF's TIFF structure: 1..8, and 1 where it is absent or unreadable.

    Nothing but IFD0 is looked at, so that a damaged maker note or thumbnail cannot hurt.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        value = _short_in_ifd0(tiff, order, _ORIENTATION_TAG)
    except struct.error:
        return UPRIGHT
    return value if value is not None and 1 <= value <= 8 else UPRIGHT


def _short_in_ifd0(tiff: bytes, order: str, wanted: int) -> int | None:
    (offset,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, offset)
    for index in range(min(count, _MAX_ENTRIES)):
        entry = offset + 2 + index * _ENTRY_BYTES
        tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
        if tag == wanted:
            return int(value) if kind == _SHORT else None
    return None


def turned_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Upright (width, height) of a picture stored as `width` x `height`."""
    return (height, width) if orientation >= 5 else (width, height)


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a stored picture, or a piece of one, upright."""
    method = _TURN.get(orientation)
    return image if method is None else image.transpose(method)


def stored_box(box: Box, orientation: int, width: int, height: int) -> Box:
    """Map a box of the upright picture to the stored one of `width` x `height` pixels (as stored)."""
    left, top, right, bottom = box
    mirrored_x = (width - right, width - left)
    mirrored_y = (height - bottom, height - top)
    # From 5 on the upright x axis runs along the stored y axis.
    crossed_x = (width - bottom, width - top)
    crossed_y = (height - right, height - left)
    (x0, x1), (y0, y1) = {
        2: (mirrored_x, (top, bottom)),
        3: (mirrored_x, mirrored_y),
        4: ((left, right), mirrored_y),
        5: ((top, bottom), (left, right)),
        6: ((top, bottom), crossed_y),
        7: (crossed_x, crossed_y),
        8: (crossed_x, (left, right)),
    }.get(orientation, ((left, right), (top, bottom)))
    return x0, y0, x1, y1
