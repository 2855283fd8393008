"""A bounded walk over a picture file before a decoder sees it.

A decoder's time must not be at the sender's mercy: millions of empty segments, or thousands of scans over one
large frame, cost next to nothing to send and minutes to decode. Pixels are bounded elsewhere, from the header.
"""

import re
from collections.abc import Iterator

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture

MAX_JPEG_SEGMENTS = 5000  # a large ICC profile and extended XMP take some hundred
MAX_JPEG_SCANS = 100  # libjpeg's own progressive script has ten
MAX_PNG_CHUNKS = 100_000  # 64 MB in the 8 KB chunks that libpng writes are 8 192

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SOS, _EOI, _TEM = 0xDA, 0xD9, 0x01
# ITU-T T.81 B.1.1.2: a marker is FF and a code; FF00 is a stuffed data byte, FFFF fill, FFD0..D7 restarts.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")

_PNG_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type, CRC (PNG 5.3)


def check_jpeg(data: bytes) -> None:
    """Refuse a JPEG file that is out of bounds (ITU-T T.81 B.1, B.2).

    Raises NotAPicture without frame and scan, TruncatedPicture where a segment runs over the end, and
    UnsupportedPicture for samples of other than 8 bits or for more segments and scans than cameras write.
    """
    layers = scans = 0
    many_scans = False
    for marker, body in _jpeg_segments(data):
        if marker in _SOF:
            layers = _layers_of_frame(data, body)
            many_scans = marker in _PROGRESSIVE
        if marker == _SOS:
            scans += 1
            # One scan of all layers ends a sequential picture; only others can go on and on (B.2.3).
            if not (many_scans or data[body] < layers):
                break
            many_scans = True
    if not layers or not scans:
        raise NotAPicture("a JPEG file without a picture in it")
    if scans > MAX_JPEG_SCANS:
        raise UnsupportedPicture(f"a JPEG file of more than {MAX_JPEG_SCANS} scans")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (marker code, offset of the segment's first byte after its length) up to the end of the picture."""
    position = 2
    scans = 0
    for _ in range(MAX_JPEG_SEGMENTS):
        found = _MARKER.search(data, position)
        if found is None:
            raise TruncatedPicture("the JPEG file ends within the picture")
        marker, start = found[1][0], found.end()
        if marker == _EOI:
            return
        length = 0 if marker == _TEM else int.from_bytes(data[start : start + 2], "big")
        position = start + length
        if position >= len(data):
            raise TruncatedPicture("the JPEG file ends within a segment")
        scans += marker == _SOS
        yield marker, start + 2
        if scans > MAX_JPEG_SCANS:
            return
    raise UnsupportedPicture(f"a JPEG file of more than {MAX_JPEG_SEGMENTS} segments")


def _layers_of_frame(data: bytes, body: int) -> int:
    precision, layers = data[body], data[body + 5]
    if precision != 8:
        raise UnsupportedPicture(f"a JPEG file of {precision} bits a sample")
    return layers


def check_png(data: bytes) -> None:
    """Refuse a PNG file that is out of bounds (PNG 5.2, 5.6).

    Raises TruncatedPicture without its end (IEND), UnsupportedPicture for more chunks than encoders write.
    """
    position = _PNG_SIGNATURE_BYTES
    for _ in range(MAX_PNG_CHUNKS):
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + _CHUNK_FRAME_BYTES + length
        if end > len(data):
            raise TruncatedPicture("the PNG file ends within the picture")
        if data[position + 4 : position + 8] == b"IEND":
            return
        position = end
    raise UnsupportedPicture(f"a PNG file of more than {MAX_PNG_CHUNKS} chunks")
