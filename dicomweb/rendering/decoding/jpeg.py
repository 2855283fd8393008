"""What is looked at before a JPEG is decoded, and told to the decoder (ITU-T T.81)."""

from typing import Final

from PIL.ImageFile import ImageFile

from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.jpeg_stream import JpegHeader, read_jpeg_header

_SCAN: Final = b"\xff\xda"
_MAX_SCANS: Final = 100
"""Each scan of a progressive JPEG is a pass over the whole picture; encoders make ten."""
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BLOCK_BYTES: Final = 64 * 2
_MOST_COMPONENTS: Final = 3


def check_scans(data: bytes) -> None:
    """See that decoding is not endless.

    Raises:
        NotRenderableError: more scans than any encoder makes.
    """
    if data.count(_SCAN) > _MAX_SCANS:
        raise NotRenderableError("the coded picture has too many scans")


def held_bytes(data: bytes, rows: int, columns: int) -> int:
    """Bytes that a decoder holds beside its result until the end: the coefficients of all blocks at full size.

    None where it is sequential DCT in one scan, decoded row by row.

    Args:
        data: the coded picture.
        rows: that the picture must have, or it is refused.
        columns: likewise.
    """
    header = read_jpeg_header(data)
    if header is None:  # decoders read what lies between segments otherwise: the most there can be
        return _coefficient_bytes(rows, columns, [(4, 4)] * _MOST_COMPONENTS)
    if _is_one_scan(header, data):
        return 0
    return _coefficient_bytes(header.rows, header.columns, _sampling(header))


def _is_one_scan(header: JpegHeader, data: bytes) -> bool:
    components = data[header.end + 4 : header.end + 5]
    return _frame(header)[1] in _SEQUENTIAL and components == bytes((header.components,))


def _frame(header: JpegHeader) -> bytes:
    return next(segment for marker, segment in header.segments if marker in _FRAMES)


def _sampling(header: JpegHeader) -> list[tuple[int, int]]:
    """How often each component is sampled, across and down (T.81 B.2.2)."""
    said = _frame(header)[11 : 10 + 3 * header.components : 3]
    return [(min(max(both >> 4, 1), 4), min(max(both & 15, 1), 4)) for both in said] or [(4, 4)] * _MOST_COMPONENTS


def _coefficient_bytes(rows: int, columns: int, sampling: list[tuple[int, int]]) -> int:
    across, down = max(one for one, _ in sampling), max(other for _, other in sampling)
    units = -(-columns // (8 * across)) * -(-rows // (8 * down))
    return units * sum(one * other for one, other in sampling) * _BLOCK_BYTES


def tell_colours(picture: ImageFile, data: bytes, photometric_interpretation: str) -> None:
    """A JPEG that does not say what its three components are is RGB where its object says so."""
    if picture.mode != "RGB" or photometric_interpretation != "RGB":
        return
    header = read_jpeg_header(data)
    if header is not None and not header.colours_are_said:
        picture.tile = [tile._replace(args=("RGB", "RGB")) for tile in picture.tile]
