"""Whether a baseline JPEG holds what its picture needs: every table, and coded data enough for its blocks.

An object takes such a stream as it came, without anybody having decoded it. What cannot be a picture at all is found
here, from the headers; data that was overwritten, or cut where much of it is left, only a decoder finds.
"""

from typing import Final

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.jpeg_layout import Frame, JpegLayout, Segment

_DHT, _DQT, _SOS = 0xC4, 0xDB, 0xDA
_BLOCK: Final = 8
_BITS_A_BLOCK: Final = 2
"""One code for the first coefficient, one for the end of the block; no code is shorter than a bit (T.81 F.1.2)."""

_QUANTIZATION_BYTES: Final = (65, 129)
_CODE_COUNTS: Final = 16
_ALTERNATING: Final = 16
"""What is added to the number of a table of AC codes."""


def check_baseline(layout: JpegLayout, data: bytes) -> None:
    """Raise DamagedPictureError for a baseline picture that lacks a table or coded data."""
    tables = _Tables()
    for segment in layout.segments:
        if segment.marker == _DQT:
            tables.take_quantization(data[segment.start + 4 : segment.end])
        elif segment.marker == _DHT:
            tables.take_codes(data[segment.start + 4 : segment.end])
        elif segment.marker == _SOS:
            _check_scan(layout.frame, segment, data, tables)


class _Tables:
    """The tables defined so far, by number."""

    def __init__(self) -> None:
        self.quantization: set[int] = set()
        self.codes: set[int] = set()

    def take_quantization(self, payload: bytes) -> None:
        """One segment of quantization tables (B.2.4.1)."""
        position = 0
        while position < len(payload):
            precision, number = payload[position] >> 4, payload[position] & 15
            position += _QUANTIZATION_BYTES[precision & 1]
            if precision < len(_QUANTIZATION_BYTES) and position <= len(payload):
                self.quantization.add(number)

    def take_codes(self, payload: bytes) -> None:
        """One segment of Huffman tables (B.2.4.2)."""
        position = 0
        while position + 1 + _CODE_COUNTS <= len(payload):
            number = payload[position]
            start = position + 1 + _CODE_COUNTS
            codes = sum(payload[position + 1 : start])
            position = start + codes
            if codes and position <= len(payload):
                self.codes.add(number)


def _check_scan(frame: Frame, segment: Segment, data: bytes, tables: _Tables) -> None:
    length = int.from_bytes(data[segment.start + 2 : segment.start + 4])
    header = data[segment.start + 4 : segment.start + 2 + length]
    named = dict(zip(header[1:-3:2], header[2:-3:2], strict=True))
    components = [component for component in frame.components if component.identifier in named]
    for component in components:
        direct, alternating = named[component.identifier] >> 4, named[component.identifier] & 15
        has_codes = {direct, _ALTERNATING + alternating} <= tables.codes
        if not has_codes or component.quantization not in tables.quantization:
            raise DamagedPictureError("the JPEG lacks a table that its picture needs")
    coded_bytes = segment.end - (segment.start + 2 + length)
    if 8 * coded_bytes < _BITS_A_BLOCK * blocks_of_scan(frame, set(named)):
        raise DamagedPictureError("the JPEG holds less coded data than any picture of its size")


def blocks_of_scan(frame: Frame, identifiers: set[int]) -> int:
    """How many blocks a scan of these components codes (A.2): whole units of several, or one component's own."""
    widest = max(component.horizontal for component in frame.components)
    tallest = max(component.vertical for component in frame.components)
    components = [component for component in frame.components if component.identifier in identifiers]
    if len(components) == 1:
        (one,) = components
        columns, rows = _across(frame.columns * one.horizontal, widest), _across(frame.rows * one.vertical, tallest)
        return _across(columns, _BLOCK) * _across(rows, _BLOCK)
    units = _across(frame.columns, _BLOCK * widest) * _across(frame.rows, _BLOCK * tallest)
    return units * sum(component.horizontal * component.vertical for component in components)


def _across(length: int, of: int) -> int:
    """How many pieces of a length cover another."""
    return -(-length // of)
