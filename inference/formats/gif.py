"""The blocks of a GIF (GIF89a specification, sections 15 to 27), and the file without what no decoder needs.

Comments and application data go: a decoder that joins a comment of a million pieces takes minutes for it.
"""

import struct
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.layout import Layout, check_frames

_HEADER_BYTES: Final = 13
_EXTENSION, _IMAGE, _TRAILER, _GRAPHIC_CONTROL = 0x21, 0x2C, 0x3B, 0xF9
_MAX_BLOCKS: Final = 100_000


def read_gif(data: bytes) -> Layout:
    """The layout of a GIF with its frames counted. Raises NotAPicture, UnsupportedPicture, TruncatedPicture."""
    try:
        return _Reader(data).read()
    except (IndexError, struct.error) as error:
        raise TruncatedPicture("the GIF file ends within the picture") from error


class _Reader:
    """Passes over the blocks once, keeping those that make pixels."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._width, self._height, flags = struct.unpack_from("<HHB", data, 6)
        self._position = _HEADER_BYTES + _table_bytes(flags)
        self._kept = [data[: self._position]]
        self._frames = 0

    def read(self) -> Layout:
        if not self._width or not self._height:
            raise NotAPicture("a GIF file without pixels")
        for _ in range(_MAX_BLOCKS):
            start, introducer = self._position, self._data[self._position]
            if introducer == _TRAILER:
                return self._finish()
            if introducer == _IMAGE:
                self._take_image()
            elif introducer == _EXTENSION:
                self._skip_blocks(start + 2)
            else:
                raise NotAPicture("a GIF file with a block of no known kind")
            if introducer == _IMAGE or self._data[start + 1] == _GRAPHIC_CONTROL:
                self._kept.append(self._data[start : self._position])
        raise UnsupportedPicture(f"a GIF file of more than {_MAX_BLOCKS} blocks")

    def _finish(self) -> Layout:
        if not self._frames:
            raise NotAPicture("a GIF file without a picture in it")
        bare = b"".join([*self._kept, bytes([_TRAILER])])
        return Layout("gif", self._width, self._height, bare, frames=self._frames)

    def _take_image(self) -> None:
        """One frame; it lies within the canvas, which decoders would otherwise make larger."""
        left, top, width, height, flags = struct.unpack_from("<4HB", self._data, self._position + 1)
        if left + width > self._width or top + height > self._height:
            raise UnsupportedPicture("a GIF file with a frame beyond its canvas")
        self._frames += 1
        check_frames(self._frames)
        self._skip_blocks(self._position + 10 + _table_bytes(flags) + 1)

    def _skip_blocks(self, position: int) -> None:
        """Pass over the sub-blocks from here on, up to the empty one that ends them."""
        while size := self._data[position]:
            position += 1 + size
        self._position = position + 1


def _table_bytes(flags: int) -> int:
    """The size of the colour table that a descriptor's flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
