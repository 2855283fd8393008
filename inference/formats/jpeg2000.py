"""JPEG 2000: the headers of a codestream (ISO/IEC 15444-1 Annex A) and the JP2 file around it (Annex I).

What a decoder allocates depends on the numbers of tiles, precincts and code blocks, which cost a sender nothing:
each is bounded here, wherever in the stream it is set.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.boxes import Box, boxes
from inference.formats.layout import MAX_ICC_BYTES, Layout

SOC: Final = b"\xff\x4f"
EOC: Final = b"\xff\xd9"
_SIZ, _COD, _COC, _SOT, _SOD = 0x51, 0x52, 0x53, 0x90, 0x93
_MAX_TILES: Final = 4096
_MAX_TILE_PARTS: Final = 65_536
_MAX_SEGMENTS: Final = 4000
_MAX_LAYERS: Final = 256
_LEAST_PRECINCT: Final = 5  # 32 pixels, as an exponent of two
_LEAST_BLOCK: Final = 8  # 256 samples a code block, as an exponent of two
_CMYK: Final = 12


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker segment: its code, and the offsets of its FF and of the byte after it."""

    marker: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Codestream:
    """One codestream within `data`.

    `header` are the segments before the first tile part, `tile_segments` those within tile parts' headers; tiles begin
    at `tiles_start` and `end` is the offset just past the end marker. `is_reversible` tells the 5-3 wavelet from
    the 9-7 one, `has_transform` whether the first three components are transformed as colours.
    """

    data: bytes = field(repr=False)
    width: int
    height: int
    components: int
    bits: int
    is_signed: bool
    is_subsampled: bool
    is_reversible: bool
    has_transform: bool
    header: tuple[Segment, ...]
    tile_segments: tuple[Segment, ...]
    start: int
    tiles_start: int
    end: int

    @property
    def size_bytes(self) -> int:
        """From the start marker to the end marker."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Jp2Facts:
    """What the file around a codestream says of it; all unknown for a codestream by itself.

    `size` is width, height and number of components.
    """

    size: tuple[int, int, int] | None = None
    color_space: int | None = None
    icc: bytes | None = field(default=None, repr=False)
    has_palette: bool = False
    has_alpha: bool = False


def read_jpeg2000(data: bytes) -> Layout:
    """The layout of a JP2 file or codestream. Raises NotAPicture, UnsupportedPicture, TruncatedPicture."""
    stream, facts = find_codestream(data)
    if stream.is_signed or stream.bits > 16 or stream.components > 4:
        raise UnsupportedPicture("a JPEG 2000 file of signed, more than 16 bit, or more than four components")
    if stream.components == 4 and facts.color_space == _CMYK:
        raise UnsupportedPicture("a JPEG 2000 file of CMYK colours")
    return Layout(
        "jpeg2000",
        stream.width,
        stream.height,
        data,
        bits=stream.bits,
        lossy=not stream.is_reversible,
        coded_bytes=stream.size_bytes,
        icc=facts.icc,
    )


def find_codestream(data: bytes) -> tuple[Codestream, Jp2Facts]:
    """The codestream in a file, and what the file says around it; raises as `read_jpeg2000` does."""
    try:
        if data.startswith(SOC):
            return _read_codestream(data, 0, len(data)), Jp2Facts()
        facts = Jp2Facts()
        for box in boxes(data, 0, len(data), lenient=True):
            if box.kind == b"jp2h":
                facts = _jp2_header(data, box.start, box.end)
            elif box.kind == b"jp2c":
                stream = _read_codestream(data, box.start, box.end)
                if facts.size != (stream.width, stream.height, stream.components):
                    raise NotAPicture("a JPEG 2000 file that says one size, and its codestream another")
                return stream, facts
    except (struct.error, IndexError) as error:
        raise TruncatedPicture("the JPEG 2000 file ends within the picture") from error
    raise TruncatedPicture("the JPEG 2000 file ends before its codestream")


def _jp2_header(data: bytes, start: int, end: int) -> Jp2Facts:
    """Colour specification, palette and channel definitions (I.5.3); the first colour specification counts."""
    size, color_space, icc = None, None, None
    inner = boxes(data, start, end)
    kinds = {box.kind for box in inner}
    for box in (box for box in inner if box.kind == b"ihdr"):
        height, width, components = struct.unpack_from(">2IH", data, box.start)
        size = (width, height, components)
    for box in (box for box in inner if box.kind == b"colr"):
        method = data[box.start]
        if method == 1:
            (color_space,) = struct.unpack_from(">I", data, box.start + 3)
        elif method == 2 and box.end - box.start <= MAX_ICC_BYTES:
            icc = data[box.start + 3 : box.end]
        break
    return Jp2Facts(size, color_space, icc, b"pclr" in kinds, b"cdef" in kinds and _has_alpha(data, inner))


def _has_alpha(data: bytes, inner: list[Box]) -> bool:
    """Whether a channel is defined as opacity (I.5.3.6): type 1 or 2."""
    definitions = next(box for box in inner if box.kind == b"cdef")
    starts = range(definitions.start + 2, definitions.end - 5, 6)
    return any(struct.unpack_from(">H", data, at + 2)[0] in {1, 2} for at in starts)


class _Reader:
    """Reads the segments of one codestream, checking those that decide what a decoder allocates."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._start = start
        self._end = end
        self._layers = 1
        self.components = 1
        self.is_reversible = True
        self.has_transform = False
        self.tile_segments: list[Segment] = []

    def main_header(self) -> list[Segment]:
        """The segments up to the first tile part."""
        segments: list[Segment] = []
        position = self._start + len(SOC)
        while self._marker(position) != _SOT:
            segments.append(self._segment(position))
            position = segments[-1].end
            if len(segments) > _MAX_SEGMENTS:
                raise UnsupportedPicture(f"a JPEG 2000 file of more than {_MAX_SEGMENTS} segments")
        if not segments or segments[0].marker != _SIZ:
            raise NotAPicture("a JPEG 2000 file that does not begin with its size")
        return segments

    def tile_parts(self, position: int) -> int:
        """Pass over the tile parts (A.4.2); the offset just past the end marker."""
        for _ in range(_MAX_TILE_PARTS):
            if self._data[position : position + 2] == EOC:
                return position + 2
            if self._marker(position) != _SOT:
                raise TruncatedPicture("the JPEG 2000 file is damaged between its tiles")
            (length,) = struct.unpack_from(">I", self._data, position + 6)
            following = position + length if length else self._data.rfind(EOC, position, self._end)
            if not position + 14 <= following <= self._end - 2:
                raise TruncatedPicture("the JPEG 2000 file ends within a tile")
            self._tile_header(position + 12, following)
            position = following
        raise UnsupportedPicture(f"a JPEG 2000 file of more than {_MAX_TILE_PARTS} tile parts")

    def _tile_header(self, position: int, end: int) -> None:
        while self._marker(position) != _SOD:
            segment = self._segment(position)
            self.tile_segments.append(segment)
            position = segment.end
            if position > end or len(self.tile_segments) > _MAX_SEGMENTS:
                raise UnsupportedPicture("a JPEG 2000 file of too many segments, or of some too long")

    def _marker(self, position: int) -> int:
        if position + 2 > self._end:
            raise TruncatedPicture("the JPEG 2000 file ends within the picture")
        if self._data[position] != 0xFF:
            raise NotAPicture("a JPEG 2000 file without a marker where one must be")
        return self._data[position + 1]

    def _segment(self, position: int) -> Segment:
        marker = self._marker(position)
        (length,) = struct.unpack_from(">H", self._data, position + 2)
        segment = Segment(marker, position, position + 2 + length)
        if length < 2 or segment.end > self._end:
            raise TruncatedPicture("the JPEG 2000 file ends within a segment")
        if marker == _SIZ:
            self.components = struct.unpack_from(">H", self._data, position + 38)[0]
        elif marker == _COD:
            _, layers, transform = struct.unpack_from(">BHB", self._data, position + 5)
            self._layers = max(layers, self._layers)
            self.has_transform = transform == 1
            self._check_style(position + 9, bool(self._data[position + 4] & 1))
        elif marker == _COC:
            index = 1 if self.components < 257 else 2
            self._check_style(position + 4 + index + 1, bool(self._data[position + 4 + index] & 1))
        return segment

    def _check_style(self, at: int, has_precincts: bool) -> None:
        """Coding style parameters (A.6.1): levels, code block size, wavelet, and precinct sizes where they are set."""
        levels, width, height, _, wavelet = struct.unpack_from(">5B", self._data, at)
        self.is_reversible &= wavelet == 1
        if levels > 32 or (width & 15) + (height & 15) + 4 < _LEAST_BLOCK:
            raise UnsupportedPicture("a JPEG 2000 file of too many levels or too small code blocks")
        sizes = self._data[at + 5 : at + 6 + levels] if has_precincts else b""
        # The levels of the smallest copies have small precincts by nature: they are hardly larger themselves.
        if any(min(size & 15, size >> 4) < _LEAST_PRECINCT for size in sizes[-2:]):
            raise UnsupportedPicture("a JPEG 2000 file of too small precincts")
        if self._layers > _MAX_LAYERS:
            raise UnsupportedPicture(f"a JPEG 2000 file of more than {_MAX_LAYERS} layers")


def _read_codestream(data: bytes, start: int, end: int) -> Codestream:
    if data[start : start + 2] != SOC:
        raise NotAPicture("a JPEG 2000 file without a codestream")
    reader = _Reader(data, start, end)
    header = reader.main_header()
    at = header[0].start + 6
    x_end, y_end, x, y, tile_width, tile_height, tile_x, tile_y, count = struct.unpack_from(">8IH", data, at)
    if not (count and tile_width and tile_height and x < x_end and y < y_end and tile_x <= x and tile_y <= y):
        raise NotAPicture("a JPEG 2000 file of impossible size")
    if -(-(x_end - tile_x) // tile_width) * -(-(y_end - tile_y) // tile_height) > _MAX_TILES:
        raise UnsupportedPicture(f"a JPEG 2000 file of more than {_MAX_TILES} tiles")
    if count > 4:
        raise UnsupportedPicture("a JPEG 2000 file of more than four components")
    depths = [struct.unpack_from(">3B", data, at + 34 + 3 * index) for index in range(count)]
    return Codestream(
        data=data,
        width=x_end - x,
        height=y_end - y,
        components=count,
        bits=max((depth & 0x7F) + 1 for depth, _, _ in depths),
        is_signed=any(depth & 0x80 for depth, _, _ in depths),
        is_subsampled=any((dx, dy) != (1, 1) for _, dx, dy in depths),
        header=tuple(header),
        tiles_start=header[-1].end,
        end=reader.tile_parts(header[-1].end),
        start=start,
        tile_segments=tuple(reader.tile_segments),
        is_reversible=reader.is_reversible,
        has_transform=reader.has_transform,
    )
