"""Where the marker segments of a JPEG lie, without decoding anything (ITU-T T.81 Annex B).

Nothing in here allocates more than a bounded list of offsets, and every step moves forward: the time taken
is linear in the size of the stream.
"""

import itertools
import re
import struct
from dataclasses import dataclass
from typing import Final

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError, UnsupportedFormatError
from inference.structure import MAX_JPEG_SCANS, MAX_JPEG_SEGMENTS

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"

APP0: Final = 0xE0
APP1: Final = 0xE1
APP2: Final = 0xE2
APP14: Final = 0xEE

_TEM, _SOI, _EOI, _SOS, _DNL, _COM = 0x01, 0xD8, 0xD9, 0xDA, 0xDC, 0xFE
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD})  # DHT, DAC, DQT, DRI
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_APPLICATION: Final = frozenset(range(0xE0, 0xF0))
_KNOWN: Final = _TABLES | _FRAMES | _APPLICATION | {_SOS, _DNL, _COM}
_UNSUPPORTED: Final = frozenset({0xC8, 0xDE, 0xDF}) | frozenset(range(0xF0, 0xFE))  # JPG, DHP, EXP, JPEG-LS...

# Within entropy-coded data FF 00 is a stuffed byte, FF D0 to FF D7 are restarts and FF FF is fill; anything
# else after FF is a marker. One compiled search passes over a 4 MB scan in about a millisecond.
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment: `start` is the offset of its FF byte, `end` that of the first byte after it.

    The payload begins at `start + 4`; a start-of-scan segment reaches to the end of its entropy-coded data.
    """

    marker: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Component:
    """One colour component: its identifier, its sampling factors, 1 to 4, and its quantization table's number."""

    identifier: int
    horizontal: int
    vertical: int
    quantization: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame header: `process` is the n of SOFn (0 baseline, 2 progressive, 9 arithmetic, ...)."""

    process: int
    precision: int
    rows: int
    columns: int
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class JpegLayout:
    """One JPEG picture: its frame, its segments in order, and `end`, the offset just past its end marker."""

    frame: Frame
    segments: tuple[Segment, ...]
    end: int

    def coded(self) -> list[Segment]:
        """The segments that a decoder needs: tables, frame, scans; no table behind the last scan."""
        last = max(number for number, segment in enumerate(self.segments) if segment.marker == _SOS)
        return [s for s in self.segments[: last + 1] if s.marker in _TABLES or s.marker in _FRAMES or s.marker == _SOS]

    def payloads(self, data: bytes, marker: int, prefix: bytes) -> list[bytes]:
        """What follows `prefix` in each segment of this marker that begins with it, in order.

        Those before the first scan: decoders know by then what the picture is.
        """
        in_front = itertools.takewhile(lambda segment: segment.marker != _SOS, self.segments)
        return [
            data[s.start + 4 + len(prefix) : s.end]
            for s in in_front
            if s.marker == marker and data.startswith(prefix, s.start + 4, s.end)
        ]


def read_layout(data: bytes) -> JpegLayout:
    """Find every marker segment up to the end of the first picture.

    Bytes between segments that belong to none are passed over, as decoders do. Raises UnsupportedFormatError
    (no JPEG), UnsupportedCodingError, and DamagedPictureError (cut short, or not well formed).
    """
    if not data.startswith(SOI):
        raise UnsupportedFormatError("not a JPEG")
    reader = _Reader(data)
    position = len(SOI)
    while (segment := reader.read(position)) is not None:
        position = segment.end
    return reader.finish()


class _Reader:
    """Reads segment after segment and keeps what was found."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._segments: list[Segment] = []
        self._frame: Frame | None = None
        self._scans = 0
        self._scanned: set[int] = set()
        self._end = 0

    def read(self, position: int) -> Segment | None:
        """The next segment from `position` on; None at the end of the picture."""
        start = self._next_marker(position)
        marker = self._data[start + 1]
        if marker == _EOI:
            self._end = start + 2
            return None
        if marker == _TEM:
            return Segment(marker, start, start + 2)
        _check_marker(marker)
        segment = Segment(marker, start, self._segment_end(start))
        if marker in _FRAMES:
            self._take_frame(segment)
        elif marker == _SOS:
            segment = self._take_scan(segment)
        self._segments.append(segment)
        if len(self._segments) > MAX_JPEG_SEGMENTS:
            raise UnsupportedCodingError(f"the JPEG has more than {MAX_JPEG_SEGMENTS} marker segments")
        return segment

    def finish(self) -> JpegLayout:
        if self._frame is None:
            raise DamagedPictureError("the JPEG ends before its frame header")
        if self._scanned != {component.identifier for component in self._frame.components}:
            raise DamagedPictureError("the JPEG ends before all of its colour components")
        return JpegLayout(self._frame, tuple(self._segments), self._end)

    def _next_marker(self, position: int) -> int:
        found = _MARKER.search(self._data, position)
        if found is None:
            raise DamagedPictureError("the JPEG is cut short: it has no end marker")
        return found.start()

    def _segment_end(self, start: int) -> int:
        """The end of a segment with a length field, which counts itself."""
        if start + 4 > len(self._data):
            raise DamagedPictureError("the JPEG is cut short within a marker segment")
        length = int.from_bytes(self._data[start + 2 : start + 4])
        end = start + 2 + length
        if length < 2 or end > len(self._data):
            raise DamagedPictureError("a JPEG marker segment is longer than the file, or has no length")
        return end

    def _take_frame(self, segment: Segment) -> None:
        if self._frame is not None:
            raise DamagedPictureError("the JPEG has two frame headers")
        process = segment.marker - 0xC0
        self._frame = _frame(process, self._data[segment.start + 4 : segment.end])

    def _take_scan(self, segment: Segment) -> Segment:
        """The scan's segment with its entropy-coded data, up to the marker that follows."""
        self._scans += 1
        if self._scans > MAX_JPEG_SCANS:
            raise UnsupportedCodingError(f"the JPEG has more than {MAX_JPEG_SCANS} scans")
        header = self._data[segment.start + 4 : segment.end]
        self._scanned |= _scan_components(header, self._frame)
        return Segment(segment.marker, segment.start, self._next_marker(segment.end))


def _check_marker(marker: int) -> None:
    if marker in _UNSUPPORTED:
        raise UnsupportedCodingError("hierarchical JPEG, JPEG-LS and JPEG extensions are not taken")
    if marker not in _KNOWN:
        raise DamagedPictureError("the JPEG holds a marker that may not stand there")


def _frame(process: int, header: bytes) -> Frame:
    """The frame header (T.81 B.2.2) as values, each within its range."""
    if len(header) < 6:
        raise DamagedPictureError("the JPEG's frame header is cut short")
    precision, rows, columns, count = struct.unpack_from(">BHHB", header)
    if len(header) != 6 + 3 * count or not 1 <= count <= 4:
        raise DamagedPictureError("the JPEG's frame header has an impossible number of components")
    if columns == 0:
        raise DamagedPictureError("the JPEG has no columns")
    if rows == 0:
        raise UnsupportedCodingError("a JPEG that tells its height after the picture (DNL) is not taken")
    components = tuple(_component(header[at : at + 3]) for at in range(6, len(header), 3))
    if len({component.identifier for component in components}) != count:
        raise DamagedPictureError("two components of the JPEG have one identifier")
    return Frame(process, precision, rows, columns, components)


def _component(entry: bytes) -> Component:
    component = Component(entry[0], entry[1] >> 4, entry[1] & 15, entry[2])
    if not (1 <= component.horizontal <= 4 and 1 <= component.vertical <= 4):
        raise DamagedPictureError("a JPEG component has an impossible sampling factor")
    return component


def _scan_components(header: bytes, frame: Frame | None) -> set[int]:
    """The identifiers of the components a scan header (T.81 B.2.3) names."""
    if frame is None:
        raise DamagedPictureError("the JPEG has a scan before its frame header")
    count = header[0] if header else 0
    if not 1 <= count <= len(frame.components) or len(header) != 4 + 2 * count:
        raise DamagedPictureError("a JPEG scan header is not well formed")
    named = set(header[1 : 1 + 2 * count : 2])
    if not named <= {component.identifier for component in frame.components}:
        raise DamagedPictureError("a JPEG scan names a component that is not there")
    return named
