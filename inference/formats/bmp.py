"""The headers of a Windows bitmap (BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER to BITMAPV5HEADER)."""

import struct
from typing import Final

from inference.errors import NotAPicture, UnsupportedPicture
from inference.formats.layout import MAX_ICC_BYTES, Layout

_CORE: Final = 12
_HEADERS: Final = frozenset({_CORE, 40, 52, 56, 64, 108, 124})
_DEPTHS: Final = frozenset({1, 4, 8, 16, 24, 32})
_PLAIN, _RLE8, _RLE4, _BITFIELDS, _JPEG, _PNG = range(6)
_MAX_RUN_LENGTH_PIXELS: Final = 1 << 24
_MAX_RUN_LENGTH_BYTES: Final = 1 << 22  # its decoder is written in Python: about a second for so many
_EMBEDDED: Final = b"DEBM"  # 'MBED', little endian


def read_bmp(data: bytes) -> Layout:
    """The layout of a bitmap. Raises NotAPicture, UnsupportedPicture."""
    try:
        (size,) = struct.unpack_from("<I", data, 14)
        if size not in _HEADERS:
            raise NotAPicture("a BMP file with a header of no known kind")
        width, height, depth, coding = _core(data) if size == _CORE else _info(data)
    except struct.error as error:
        raise NotAPicture("a BMP file cut short within its header") from error
    _check(width, height, depth, coding)
    if coding in {_RLE8, _RLE4} and len(data) > _MAX_RUN_LENGTH_BYTES:
        raise UnsupportedPicture(f"a run-length BMP file of more than {_MAX_RUN_LENGTH_BYTES} bytes")
    return Layout("bmp", width, height, data, icc=_profile(data) if size == 124 else None)


def _core(data: bytes) -> tuple[int, int, int, int]:
    width, height, _, depth = struct.unpack_from("<4H", data, 18)
    return width, height, depth, _PLAIN


def _info(data: bytes) -> tuple[int, int, int, int]:
    width, height, _, depth, coding = struct.unpack_from("<iiHHI", data, 18)
    return width, abs(height), depth, coding


def _check(width: int, height: int, depth: int, coding: int) -> None:
    if width <= 0 or height <= 0:
        raise NotAPicture("a BMP file without pixels")
    if depth not in _DEPTHS or coding not in {_PLAIN, _RLE8, _RLE4, _BITFIELDS}:
        raise UnsupportedPicture(f"a BMP file of coding {coding} with {depth} bits a pixel")
    if coding in {_RLE8, _RLE4} and width * height > _MAX_RUN_LENGTH_PIXELS:
        raise UnsupportedPicture(f"a run-length BMP file of more than {_MAX_RUN_LENGTH_PIXELS} pixels")


def _profile(data: bytes) -> bytes | None:
    """The embedded profile of a version 5 header; its offset counts from the header."""
    if len(data) < 14 + 124 or data[14 + 56 : 14 + 60] != _EMBEDDED:
        return None
    offset, size = struct.unpack_from("<2I", data, 14 + 112)
    return data[14 + offset : 14 + offset + size] if 0 < size <= MAX_ICC_BYTES else None
