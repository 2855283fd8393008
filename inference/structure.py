"""A bounded walk over a picture file before a decoder sees it, and only what a decoder needs handed on.

A decoder's time must not be at the sender's mercy: millions of empty segments, thousands of scans over one large
frame, or a thousand EXIF segments that Pillow joins one by one, cost next to nothing to send and minutes to
decode. Pixels are bounded elsewhere, from the header.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.layout import MAX_ICC_BYTES

MAX_JPEG_SEGMENTS = 5000  # a large ICC profile and extended XMP take some hundred
MAX_JPEG_SCANS = 100  # libjpeg's own progressive script has ten
MAX_PNG_CHUNKS = 100_000  # 64 MB in the 8 KB chunks that libpng writes are 8 192

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SOS, _EOI, _TEM, _APP1, _APP2 = 0xDA, 0xD9, 0x01, 0xE1, 0xE2
# All but JFIF (APP0) and Adobe (APP14), which say what the components are; comments.
_NOT_DECODED = frozenset(range(0xE1, 0xF0)) - {0xEE} | {0xFE}
_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"
_CMYK_LAYERS = 4
# ITU-T T.81 B.1.1.2: a marker is FF and a code; FF00 is a stuffed data byte, FFFF fill, FFD0..D7 restarts.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")

_PNG_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type, CRC (PNG 5.3)
_PNG_DECODED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_HDR_TRANSFERS = frozenset({16, 18})  # PQ and HLG, ITU-T H.273 table 3


@dataclass(frozen=True, slots=True)
class BarePicture:
    """A picture file without what its decoder can do without, and the EXIF block it had (a TIFF structure).

    `icc` is the colour profile of a picture of four components, whose colours mean nothing without one.
    """

    data: bytes
    exif: bytes
    icc: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Segment:
    """A marker segment: its code, the offset of its FF, of what follows its length, and of the next byte."""

    marker: int
    start: int
    body: int
    end: int


def bare_jpeg(data: bytes) -> BarePicture:
    """A JPEG file without application data and comments; its EXIF is that of the first such segment before its scans.

    Raises NotAPicture without frame and scan, TruncatedPicture where a segment runs over the end, and
    UnsupportedPicture for samples of other than 8 bits or for more segments and scans than cameras write.
    """
    layers = scans = 0
    many_scans = False
    dropped: list[_Segment] = []
    in_front = 0
    for segment in _jpeg_segments(data):
        if segment.marker in _NOT_DECODED:
            dropped.append(segment)
        elif segment.marker in _SOF:
            layers = _layers_of_frame(data[segment.body : segment.end])
            many_scans = segment.marker in _PROGRESSIVE
        elif segment.marker == _SOS:
            scans += 1
            in_front = len(dropped) if scans == 1 else in_front
            # One scan of all layers ends a sequential picture; only others can go on and on (B.2.3).
            if not (many_scans or data[segment.body] < layers):
                break
            many_scans = True
    if not layers or not scans:
        raise NotAPicture("a JPEG file without a picture in it")
    if scans > MAX_JPEG_SCANS:
        raise UnsupportedPicture(f"a JPEG file of more than {MAX_JPEG_SCANS} scans")
    said = dropped[:in_front]
    icc = joined_icc(_bodies(data, said, _APP2, _ICC)) if layers == _CMYK_LAYERS else None
    return BarePicture(_without(data, dropped), next(iter(_bodies(data, said, _APP1, _EXIF)), b""), icc)


def joined_icc(chunks: list[bytes]) -> bytes | None:
    """A profile put together from its chunks, each led by its number and their count (ICC.1 Annex B.4).

    None where there is none, it is not whole, or longer than any format's may be.
    """
    by_number = {chunk[0]: chunk for chunk in chunks if len(chunk) > 2}
    count = len(by_number)
    if sorted(by_number) != list(range(1, count + 1)) or any(chunk[1] != count for chunk in by_number.values()):
        return None
    profile = b"".join(by_number[number][2:] for number in sorted(by_number))
    return profile if 0 < len(profile) <= MAX_ICC_BYTES else None


def _jpeg_segments(data: bytes) -> Iterator[_Segment]:
    """Every marker segment up to the end of the picture (ITU-T T.81 B.1, B.2)."""
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
        if marker != _TEM and length < 2:
            raise NotAPicture("a JPEG file with a segment of no length")
        scans += marker == _SOS
        yield _Segment(marker, found.start(), start + 2, position)
        if scans > MAX_JPEG_SCANS:
            return
    raise UnsupportedPicture(f"a JPEG file of more than {MAX_JPEG_SEGMENTS} segments")


def _layers_of_frame(header: bytes) -> int:
    if len(header) < 6:
        raise NotAPicture("a JPEG file with a frame header cut short")
    precision, layers = header[0], header[5]
    if precision != 8:
        raise UnsupportedPicture(f"a JPEG file of {precision} bits a sample")
    return layers


def _without(data: bytes, dropped: list[_Segment]) -> bytes:
    view, kept, position = memoryview(data), [], 0
    for segment in dropped:
        kept.append(view[position : segment.start])
        position = segment.end
    return b"".join([*kept, view[position:]])


def _bodies(data: bytes, segments: list[_Segment], marker: int, prefix: bytes) -> list[bytes]:
    """What follows `prefix` in each segment of this marker that begins with it."""
    start = len(prefix)
    return [
        data[s.body + start : s.end] for s in segments if s.marker == marker and data.startswith(prefix, s.body, s.end)
    ]


def bare_png(data: bytes) -> BarePicture:
    """A PNG file of the chunks that make its pixels, and the content of its `eXIf` chunk.

    Raises TruncatedPicture without its end (IEND), UnsupportedPicture for more chunks than encoders write
    (PNG 5.2, 5.6) and for colours of high dynamic range.
    """
    view = memoryview(data)
    kept, exif = [view[:_PNG_SIGNATURE_BYTES]], b""
    position = _PNG_SIGNATURE_BYTES
    for _ in range(MAX_PNG_CHUNKS):
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + _CHUNK_FRAME_BYTES + length
        if end > len(data):
            raise TruncatedPicture("the PNG file ends within the picture")
        kind = data[position + 4 : position + 8]
        if kind in _PNG_DECODED:
            kept.append(view[position:end])
        elif kind == b"eXIf" and not exif:
            exif = data[position + 8 : end - 4]
        elif kind == b"cICP":
            check_transfer(data[position + 8 : end - 4])
        if kind == b"IEND":
            return BarePicture(b"".join(kept), exif.removeprefix(_EXIF))
        position = end
    raise UnsupportedPicture(f"a PNG file of more than {MAX_PNG_CHUNKS} chunks")


def check_transfer(coding_points: bytes) -> None:
    """Raise UnsupportedPicture where the content of a `cICP` chunk (PNG 11.3.2.6) says what eight bits cannot hold.

    That is a transfer function of high dynamic range, or samples that leave out the ends of their range.
    """
    if len(coding_points) == 4 and coding_points[1] in _HDR_TRANSFERS:
        raise UnsupportedPicture("a picture of high dynamic range is not taken")
    if len(coding_points) == 4 and coding_points[3] == 0:
        raise UnsupportedPicture("a PNG file of narrow-range samples is not taken")
