"""Coded pictures without what programs wrote beside them: names, comments, thumbnails, further files.

Segments are kept by what they are for, the rest is dropped; what cannot be read to its end is refused. The coded
samples themselves stay as they are.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from dicomweb.rendering.errors import NotRenderableError
from dicomweb.transfer_syntaxes import frame_media_type
from dicomweb.uri.jpeg_2000 import clean_jpeg_2000

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SOS, _END = 0xDA, 0xD9
_APP0, _APP2, _APP8, _APP14 = 0xE0, 0xE2, 0xE8, 0xEE
_ICC: Final = b"ICC_PROFILE\0"
_JFIF_BYTES: Final = 12
"""Of the identifier, version, units and densities; a thumbnail may follow."""
_ADOBE_BYTES: Final = 12
_MAX_SEGMENTS: Final = 10_000
_JPEG: Final = frozenset(range(0xC0, 0xD0)) - {0xC8} | frozenset(range(0xDA, 0xE0))
"""Frames, tables, scans, and what says how they are restarted, counted and enlarged (ITU-T T.81 table B.1)."""
_JPEG_LS: Final = frozenset({_SOS, 0xDC, 0xDD, 0xF7, 0xF8})
"""Scans, lines, restarts, the frame and its parameters (ITU-T T.87 C.1.1)."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MARKER_LS: Final = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")

_Keep = Callable[[int, bytes], bytes]
"""Gives what is kept of a segment before the first scan by its marker and content; nothing to drop it."""


def cleaned(data: bytes, transfer_syntax_uid: str) -> bytes:
    """The same coded picture, and nothing beside it.

    Raises:
        NotRenderableError: it cannot be read, or is of a coding that is not cleaned here.
    """
    clean = _CLEANERS.get(frame_media_type(transfer_syntax_uid))
    if clean is None:
        raise NotRenderableError("what is coded like this cannot be cleaned of who is shown")
    return clean(data)


def _clean_jpeg(data: bytes) -> bytes:
    return _SOI + b"".join(_kept(data, _JPEG, _MARKER, _colours)) + _EOI


def _clean_jpeg_ls(data: bytes) -> bytes:
    return _SOI + b"".join(_kept(data, _JPEG_LS, _MARKER_LS, _colour_transform)) + _EOI


def _kept(data: bytes, markers: frozenset[int], next_marker: re.Pattern[bytes], keep: _Keep) -> Iterator[bytes]:
    """The pieces between SOI and EOI that stay; `keep` is asked before the first scan of what `markers` lacks."""
    if not data.startswith(_SOI):
        raise _unreadable()
    offset, is_before_scans = 2, True
    for _ in range(_MAX_SEGMENTS):
        marker, offset = _marker(data, offset)
        if marker == _END:
            return
        content = _content(data, offset)
        offset += 2 + len(content)
        if marker in markers:
            yield _segment(marker, content)
        elif is_before_scans and (kept := keep(marker, content)):
            yield _segment(marker, kept)
        if marker == _SOS:
            is_before_scans = False
            found = next_marker.search(data, offset)
            if found is None:
                raise _unreadable()
            yield data[offset : found.start()]
            offset = found.start()
    raise _unreadable()


def _marker(data: bytes, offset: int) -> tuple[int, int]:
    """The marker at an offset, and where it ends; fill bytes may stand before it (T.81 B.1.1.2)."""
    start = offset
    while data[offset : offset + 1] == b"\xff":
        offset += 1
    if offset == start or offset >= len(data):
        raise _unreadable()
    return data[offset], offset + 1


def _content(data: bytes, offset: int) -> bytes:
    length = int.from_bytes(data[offset : offset + 2])
    content = data[offset + 2 : offset + length]
    if length < 2 or len(content) != length - 2:
        raise _unreadable()
    return content


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (2 + len(content)).to_bytes(2) + content


def _colours(marker: int, content: bytes) -> bytes:
    """JFIF without its thumbnail, what Adobe says of the colours, and profiles."""
    if marker == _APP0 and content.startswith(b"JFIF\0") and len(content) >= _JFIF_BYTES:
        return content[:_JFIF_BYTES] + bytes(2)
    if marker == _APP14 and content.startswith(b"Adobe") and len(content) >= _ADOBE_BYTES:
        return content[:_ADOBE_BYTES]
    return content if marker == _APP2 and content.startswith(_ICC) else b""


def _colour_transform(marker: int, content: bytes) -> bytes:
    """The one that decoders of JPEG-LS undo, a letter and a number."""
    return content if marker == _APP8 and content.startswith(b"mrfx") and len(content) == 5 else b""


def _unreadable() -> NotRenderableError:
    return NotRenderableError("the coded picture cannot be read to its end")


_CLEANERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "image/jpeg": _clean_jpeg,
    "image/jls": _clean_jpeg_ls,
    "image/jp2": clean_jpeg_2000,
    "image/jphc": clean_jpeg_2000,
}
