"""Which bytes of pixel data make which frame (PS3.5 8.2 and A.4, PS3.3 C.7.6.3)."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Protocol

from dicomweb.archive import Span
from dicomweb.fragments import Encapsulated

Frames = tuple[tuple[Span, ...], ...]
"""Frame by frame in display order, the spans whose bytes make it."""


class Header(Protocol):
    """A data set, as far as it is asked here."""

    def get(self, keyword: str, /) -> Any:
        """The value of an attribute, None where it is absent."""


_MAX_FRAMES = 1_000_000
_CODESTREAM_STARTS = (b"\xff\xd8", b"\xff\x4f")
"""First bytes of a JPEG or JPEG-LS picture, and of a JPEG 2000 codestream."""


def declared_frames(header: Header) -> int:
    """Number of Frames (0028,0008), 1 where it is absent or makes no sense."""
    value = header.get("NumberOfFrames")
    return int(value) if isinstance(value, int) and 1 <= value <= _MAX_FRAMES else 1


def native_frames(header: Header, pixel_data: Span) -> Frames:
    """Equal parts of native pixel data; empty where the header's numbers do not fit the length.

    Frames that do not begin on a byte (1 bit allocated) cannot be told apart by spans.
    """
    count = declared_frames(header)
    bits = _frame_bits(header)
    if bits == 0 or (bits % 8 and count > 1):
        return ()
    size = (bits + 7) // 8
    if size * count > pixel_data.length or pixel_data.length - size * count > 1:
        return ()
    return tuple((Span(pixel_data.offset + index * size, size),) for index in range(count))


def _frame_bits(header: Header) -> int:
    rows, columns, samples, bits = (
        _number(header, name) for name in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
    )
    if header.get("PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2  # chrominance is shared by two pixels
    return rows * columns * samples * bits


def _number(header: Header, keyword: str) -> int:
    value = header.get(keyword)
    return value if isinstance(value, int) and 0 < value <= 0xFFFF else 0


def encapsulated_frames(header: Header, pixel_data: Encapsulated, read: Callable[[Span], bytes]) -> Frames:
    """Frames of encapsulated pixel data; empty where they cannot be told apart (video, no usable table).

    Args:
        header: the data set.
        pixel_data: the Basic Offset Table and the fragments.
        read: gives the bytes of a span of a few bytes.
    """
    count, fragments = declared_frames(header), pixel_data.fragments
    if count == 1 and fragments:
        return (fragments,)
    if count == len(fragments):
        return tuple((fragment,) for fragment in fragments)
    if count > len(fragments):
        return ()
    if len(pixel_data.offset_table) == count:
        return _cut(fragments, _starts_by_table(pixel_data))
    return _cut(fragments, _starts_by_codestream(fragments, read), count)


def _starts_by_table(pixel_data: Encapsulated) -> list[int]:
    """Indexes of the fragments at which the offset table says a frame begins."""
    first_item = pixel_data.fragments[0].offset - 8
    index_by_offset = {span.offset - 8 - first_item: index for index, span in enumerate(pixel_data.fragments)}
    return [index_by_offset.get(offset, -1) for offset in pixel_data.offset_table]


def _starts_by_codestream(fragments: tuple[Span, ...], read: Callable[[Span], bytes]) -> list[int]:
    """Indexes of the fragments that begin with the first marker of a picture."""
    return [
        index
        for index, span in enumerate(fragments)
        if span.length >= 2 and read(Span(span.offset, 2)) in _CODESTREAM_STARTS
    ]


def _cut(fragments: tuple[Span, ...], starts: list[int], count: int | None = None) -> Frames:
    """The fragments cut before each of `starts`; empty where these are no ascending indexes from 0."""
    if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
        return ()
    if count is not None and len(starts) != count:
        return ()
    ends = [*starts[1:], len(fragments)]
    return tuple(fragments[start:end] for start, end in zip(starts, ends, strict=True))
