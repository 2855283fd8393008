"""The chunks of a PNG (PNG specification, section 5), read with bounds and without decoding the picture."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError, UnsupportedFormatError
from inference.formats.layout import MAX_ICC_BYTES
from inference.structure import MAX_PNG_CHUNKS

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

GREY: Final = 0
RGB: Final = 2
PALETTE: Final = 3

_MAX_LENGTH: Final = 2**31 - 1
_DECODED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_SAMPLES: Final = {GREY: 1, RGB: 3}
_INFLATED_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its type, and the offsets of its first byte (the length field) and of the byte after it."""

    type: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PngLayout:
    """The header's values and the chunks up to IEND."""

    rows: int
    columns: int
    bit_depth: int
    color_type: int
    is_interlaced: bool
    chunks: tuple[Chunk, ...]

    def content(self, data: bytes, kind: bytes) -> bytes | None:
        """What the first chunk of this type holds."""
        return next((data[c.start + 8 : c.end - 4] for c in self.chunks if c.type == kind), None)

    def coded(self) -> list[Chunk]:
        """The chunks that a decoder needs."""
        return [chunk for chunk in self.chunks if chunk.type in _DECODED]


def read_png_layout(data: bytes) -> PngLayout:
    """Find the chunks of a PNG; what follows IEND is not looked at.

    Raises UnsupportedFormatError (no PNG) and DamagedPictureError (cut short, or a checksum is wrong).
    """
    if not data.startswith(SIGNATURE):
        raise UnsupportedFormatError("not a PNG")
    chunks = _chunks(data)
    header = data[chunks[0].start + 8 : chunks[0].end - 4]
    if [c.start for c in chunks if c.type == b"IHDR"] != [len(SIGNATURE)] or len(header) != 13:
        raise DamagedPictureError("the PNG does not begin with its one header")
    columns, rows, bit_depth, color_type, interlacing = struct.unpack_from(">IIBBxxB", header)
    if not rows or not columns:
        raise DamagedPictureError("the PNG has no pixels")
    if color_type == PALETTE and not any(c.type == b"PLTE" and c.end - c.start >= 15 for c in chunks):
        raise DamagedPictureError("the PNG has no palette")
    return PngLayout(rows, columns, bit_depth, color_type, bool(interlacing), tuple(chunks))


def plain_stream(layout: PngLayout, data: bytes) -> bytes | None:
    """The PNG of its header and coded picture alone; None where there would be anything else in it.

    That is the case but for eight bits of opaque grey or RGB, not interlaced, whose coded data inflates to the rows of
    the picture and to nothing more.
    """
    is_opaque = layout.content(data, b"tRNS") is None
    if layout.bit_depth != 8 or layout.color_type not in _SAMPLES or layout.is_interlaced or not is_opaque:
        return None
    coded = [data[c.start : c.end] for c in layout.chunks if c.type == b"IDAT"]
    size = layout.rows * (1 + layout.columns * _SAMPLES[layout.color_type])
    if not _inflates_to(size, [part[8:-4] for part in coded]):
        return None
    header = data[layout.chunks[0].start : layout.chunks[0].end]
    return b"".join([SIGNATURE, header, *coded, chunk(b"IEND", b"")])


def _inflates_to(size: int, parts: list[bytes]) -> bool:
    """Whether the parts together are one compressed stream of so many bytes, and nothing stands behind its end."""
    inflater, found = zlib.decompressobj(), 0
    try:
        for part in parts:
            if inflater.eof:
                return False
            rest = part
            while rest and found <= size:
                found += len(inflater.decompress(rest, _INFLATED_AT_ONCE))
                rest = inflater.unconsumed_tail
    except zlib.error:
        return False
    return inflater.eof and not inflater.unused_data and found == size


def icc_profile(layout: PngLayout, data: bytes) -> bytes | None:
    """The embedded profile, inflated within bounds; None where there is none or it is not whole."""
    _, _, rest = (layout.content(data, b"iCCP") or b"").partition(b"\x00")
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(rest[1:], MAX_ICC_BYTES)
    except zlib.error:
        return None
    return profile if profile and inflater.eof else None


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk as bytes."""
    return b"".join([len(content).to_bytes(4), kind, content, zlib.crc32(content, zlib.crc32(kind)).to_bytes(4)])


def _chunks(data: bytes) -> list[Chunk]:
    chunks: list[Chunk] = []
    position = len(SIGNATURE)
    while not chunks or chunks[-1].type != b"IEND":
        chunks.append(_chunk_at(data, position))
        position = chunks[-1].end
        if len(chunks) > MAX_PNG_CHUNKS:
            raise UnsupportedCodingError(f"the PNG has more than {MAX_PNG_CHUNKS} chunks")
    return chunks


def _chunk_at(data: bytes, position: int) -> Chunk:
    if position + 12 > len(data):
        raise DamagedPictureError("the PNG is cut short")
    length, kind = struct.unpack_from(">I4s", data, position)
    end = position + 12 + length
    if length > _MAX_LENGTH or end > len(data):
        raise DamagedPictureError("the PNG is cut short")
    if kind in _DECODED and zlib.crc32(memoryview(data)[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
        raise DamagedPictureError("a checksum in the PNG is wrong")
    return Chunk(kind, position, end)
