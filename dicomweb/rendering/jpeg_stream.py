"""A stored JPEG as it goes to a browser: the same coded picture, its header cleaned of what does not belong there.

Markers are read up to the first scan; nothing is decoded. Of the application segments only those stay that say how
the picture is coded and coloured: EXIF may turn the picture a second time, and hold identity.
"""

from dataclasses import dataclass
from typing import Final

_SOI: Final = b"\xff\xd8"
_APP0, _APP2, _APP14, _COM = 0xE0, 0xE2, 0xEE, 0xFE
_SOS: Final = 0xDA
_ALONE: Final = frozenset({0x00, 0x01, *range(0xD0, 0xDA)})
"""Markers without a segment: none belongs before the first scan, and decoders read on behind it."""
_SHOWN_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Sequential and progressive DCT with Huffman coding, which every browser shows."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ICC: Final = b"ICC_PROFILE\0"
_ICC_CHUNK_BYTES: Final = 65_519
_MAX_SEGMENTS: Final = 1_000
MAX_HEADER_BYTES: Final = 1024 * 1024
"""How far the first scan may lie behind the start."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before the first scan.

    Attributes:
        segments: marker and whole segment, in order, without SOI.
        end: offset of the first scan's marker.
        rows, columns, components: of the frame header; precision in bits.
        is_shown: whether browsers show it as it is.
        colours_are_said: whether JFIF or Adobe says what three components are.
        has_profile: whether it embeds an ICC profile.
    """

    segments: tuple[tuple[int, bytes], ...]
    end: int
    rows: int
    columns: int
    components: int
    is_shown: bool
    colours_are_said: bool
    has_profile: bool


def read_jpeg_header(data: bytes) -> JpegHeader | None:
    """The header of a JPEG that begins with `data`; None where it does not, or the first scan lies behind it."""
    if data[:2] != _SOI:
        return None
    segments: list[tuple[int, bytes]] = []
    offset = 2
    while len(segments) < _MAX_SEGMENTS and offset + 4 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker == 0xFF:  # fill byte
            offset += 1
            continue
        if marker == _SOS:
            return _header(segments, offset)
        if marker in _ALONE:
            return None
        length = int.from_bytes(data[offset + 2 : offset + 4])
        segment = data[offset : offset + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            return None
        segments.append((marker, segment))
        offset += 2 + length
    return None


def _header(segments: list[tuple[int, bytes]], end: int) -> JpegHeader | None:
    frames = [(marker, segment) for marker, segment in segments if marker in _FRAMES]
    if len(frames) != 1 or len(frames[0][1]) < 10:
        return None
    marker, frame = frames[0]
    return JpegHeader(
        segments=tuple(segments),
        end=end,
        rows=int.from_bytes(frame[5:7]),
        columns=int.from_bytes(frame[7:9]),
        components=frame[9],
        is_shown=marker in _SHOWN_FRAMES and frame[4] == 8,
        colours_are_said=any(_says_colours(marker, segment) for marker, segment in segments),
        has_profile=any(_is_profile(marker, segment) for marker, segment in segments),
    )


def _says_colours(marker: int, segment: bytes) -> bool:
    return (marker == _APP0 and segment[4:9] == b"JFIF\0") or (marker == _APP14 and segment[4:9] == b"Adobe")


def _is_profile(marker: int, segment: bytes) -> bool:
    return marker == _APP2 and segment[4:16] == _ICC


def clean_header(header: JpegHeader, profile: bytes | None, *, keep_profile: bool) -> bytes:
    """SOI and the segments before the first scan, without EXIF, comments and the like.

    Args:
        header: of the stored stream.
        profile: an ICC profile to embed where the stream has none of its own.
        keep_profile: whether a profile may stay or be embedded at all.
    """
    kept = [segment for marker, segment in header.segments if _stays(marker, segment, keep_profile=keep_profile)]
    first = 1 if kept and kept[0][1] == _APP0 else 0  # JFIF stands at once behind SOI
    if profile and keep_profile and not header.has_profile:
        kept[first:first] = profile_segments(profile)
    return _SOI + b"".join(kept)


def _stays(marker: int, segment: bytes, *, keep_profile: bool) -> bool:
    if not (0xE0 <= marker <= 0xEF or marker == _COM):
        return True
    return _says_colours(marker, segment) or (keep_profile and _is_profile(marker, segment))


def profile_segments(profile: bytes) -> list[bytes]:
    """APP2 segments of an ICC profile (ICC.1 B.4); none for one that does not fit into 255 of them."""
    chunks = [profile[start : start + _ICC_CHUNK_BYTES] for start in range(0, len(profile), _ICC_CHUNK_BYTES)]
    if len(chunks) > 255:
        return []
    return [
        b"\xff\xe2" + (16 + len(chunk)).to_bytes(2) + _ICC + bytes((number, len(chunks))) + chunk
        for number, chunk in enumerate(chunks, 1)
    ]
