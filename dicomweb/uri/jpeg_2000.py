"""JPEG 2000 codestreams without boxes around them and without comments (ITU-T T.800 annexes A and I)."""

from collections.abc import Iterator
from typing import Final

from dicomweb.rendering.errors import NotRenderableError

_SIGNATURE: Final = b"\0\0\0\x0cjP  "
_SOC, _EOC = b"\xff\x4f", b"\xff\xd9"
_COM, _SOT, _SOD = 0x64, 0x90, 0x93
_KEPT: Final = frozenset(
    {*range(0x50, 0x54), 0x55, *range(0x57, 0x5A), *range(0x5C, 0x62), 0x63, 0x74, 0x75, 0x77, 0x78, _SOT}
)
"""Sizes, coding, quantization, order, lengths, packet headers, registration, capabilities, component transforms."""
_SOT_BYTES: Final = 10
_MAX_BOXES: Final = 100
_MAX_SEGMENTS: Final = 200_000
"""A codestream may have 65,535 tiles, each with a header."""


def clean_jpeg_2000(data: bytes) -> bytes:
    """The codestream from SOC to EOC. Comments are blanked where they stand, as lengths elsewhere count them.

    Raises:
        NotRenderableError: it cannot be read to its end, or its colours are only told by boxes.
    """
    start, end = _codestream(data)
    cleaned = bytearray(data[start:end])
    if cleaned[:2] != _SOC:
        raise _unreadable()
    for first, last in _comments(cleaned):
        cleaned[first:last] = bytes(last - first)
    return bytes(cleaned)


def _codestream(data: bytes) -> tuple[int, int]:
    """Where the codestream lies: all of it, or the content of its box."""
    if not data.startswith(_SIGNATURE):
        return 0, len(data)
    offset = 0
    for _ in range(_MAX_BOXES):
        length, kind, head = int.from_bytes(data[offset : offset + 4]), data[offset + 4 : offset + 8], 8
        if length == 1:
            length, head = int.from_bytes(data[offset + 8 : offset + 16]), 16
        end = offset + length if length else len(data)
        if end < offset + head or end > len(data):
            break
        if kind == b"jp2h" and b"pclr" in data[offset:end]:
            raise NotRenderableError("the colours of the coded picture are told beside it")
        if kind == b"jp2c":
            return offset + head, end
        offset = end
    raise _unreadable()


def _comments(stream: bytearray) -> Iterator[tuple[int, int]]:
    """Where the contents of comments lie; the stream is cut behind its end once all are found."""
    offset, tile_part_end = 2, 0
    for _ in range(_MAX_SEGMENTS):
        marker = stream[offset + 1] if stream[offset : offset + 1] == b"\xff" and offset + 1 < len(stream) else -1
        if marker == _EOC[1]:
            del stream[offset + 2 :]
            return
        if marker == _SOD:
            offset = _behind_packets(stream, offset, tile_part_end)
            continue
        length = int.from_bytes(stream[offset + 2 : offset + 4])
        behind = offset + 2 + length
        if marker not in {*_KEPT, _COM} or length < 2 or behind > len(stream):
            raise _unreadable()
        if marker == _COM:
            yield offset + 4, behind
        if marker == _SOT:
            tile_part_end = _tile_part_end(stream, offset, length)
        offset = behind
    raise _unreadable()


def _tile_part_end(stream: bytearray, offset: int, length: int) -> int:
    """Where the tile-part ends that begins here; 0 where it goes on to the end of the codestream."""
    if length != _SOT_BYTES:
        raise _unreadable()
    said = int.from_bytes(stream[offset + 6 : offset + 10])
    return offset + said if said else 0


def _behind_packets(stream: bytearray, offset: int, tile_part_end: int) -> int:
    """Where the next marker stands; none can be within packets (T.800 B.10.1, D.4)."""
    if tile_part_end:
        if not offset + 2 <= tile_part_end <= len(stream) - 2:
            raise _unreadable()
        return tile_part_end
    end = stream.find(_EOC, offset + 2)
    if end < 0:
        raise _unreadable()
    return end


def _unreadable() -> NotRenderableError:
    return NotRenderableError("the coded picture cannot be read to its end")
