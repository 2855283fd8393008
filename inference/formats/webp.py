"""The chunks of a WebP file (RFC 9649, section 2)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.layout import MAX_ICC_BYTES, Layout, check_frames
from inference.orientation import orientation_of

_RIFF_HEADER: Final = 12
_ANIMATION_FRAME_HEADER: Final = 16
_MAX_CHUNKS: Final = 10_000
_MAX_EXIF_BYTES: Final = 1 << 20
_CODED: Final = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANMF"})


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    end: int


def read_webp(data: bytes) -> Layout:
    """The layout of a WebP file, cut at its end. Raises NotAPicture, UnsupportedPicture, TruncatedPicture."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise TruncatedPicture("the WebP file ends within the picture")
    chunks = list(_chunks(data, _RIFF_HEADER, end))
    by_kind = {chunk.kind: data[chunk.start : chunk.end] for chunk in reversed(chunks) if chunk.kind not in _CODED}
    frames = [chunk for chunk in chunks if chunk.kind == b"ANMF"]
    check_frames(len(frames))
    try:
        width, height = _size(data, chunks)
    except struct.error as error:
        raise NotAPicture("a WebP file with a header cut short") from error
    icc, exif = by_kind.get(b"ICCP"), by_kind.get(b"EXIF", b"").removeprefix(b"Exif\0\0")
    return Layout(
        "webp",
        width,
        height,
        data[:end],
        frames=max(len(frames), 1),
        lossy=any(_is_lossy(data, chunk) for chunk in chunks),
        coded_bytes=sum(chunk.end - chunk.start for chunk in chunks if chunk.kind in _CODED),
        orientation=orientation_of(exif),
        exif=exif if len(exif) <= _MAX_EXIF_BYTES else b"",
        icc=icc if icc and len(icc) <= MAX_ICC_BYTES else None,
    )


def _chunks(data: bytes, position: int, end: int) -> Iterator[_Chunk]:
    """The chunks between two offsets; each is padded to an even size."""
    for _ in range(_MAX_CHUNKS):
        if position + 8 > end:
            return
        kind, size = struct.unpack_from("<4sI", data, position)
        start, position = position + 8, position + 8 + size + size % 2
        if start + size > end:
            raise TruncatedPicture("a chunk of the WebP file runs over its end")
        yield _Chunk(kind, start, start + size)
    raise UnsupportedPicture(f"a WebP file of more than {_MAX_CHUNKS} chunks")


def _size(data: bytes, chunks: list[_Chunk]) -> tuple[int, int]:
    """Width and height from the first chunk, which is one of three kinds (RFC 9649 2.5 to 2.7)."""
    if not chunks:
        raise NotAPicture("a WebP file without a picture in it")
    first = data[chunks[0].start : chunks[0].end]
    if chunks[0].kind == b"VP8X" and len(first) >= 10:
        return int.from_bytes(first[4:7], "little") + 1, int.from_bytes(first[7:10], "little") + 1
    if chunks[0].kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", first, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunks[0].kind == b"VP8 ":
        width, height = struct.unpack_from("<2H", first, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise NotAPicture("a WebP file that does not begin with a picture")


def _is_lossy(data: bytes, chunk: _Chunk) -> bool:
    if chunk.kind != b"ANMF":
        return chunk.kind == b"VP8 "
    inner = _chunks(data, chunk.start + _ANIMATION_FRAME_HEADER, chunk.end)
    return any(part.kind == b"VP8 " for part in inner)
