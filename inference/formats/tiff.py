"""The directories of a TIFF (TIFF 6.0), and the file with them written anew, of the fields that make pixels.

A decoder reads every field of a directory into memory, each of which may claim the whole file, and follows what it
finds. So it gets directories with only known fields of known sizes; the pixels' own bytes stay where they are.
"""

import struct
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.layout import MAX_FRAMES, MAX_ICC_BYTES, Layout, check_frames
from inference.formats.tiff_page import JPEG, KEPT, MOST_PLACES, VALUE_BYTES, Field, Page, Tag
from inference.formats.tiff_samples import check_samples

_MAX_FIELDS: Final = 1000
_CODINGS: Final = {
    1: "uncoded", 2: "CCITT", 3: "CCITT 3", 4: "CCITT 4", 5: "LZW", 7: "JPEG", 8: "deflate", 32773: "PackBits",
    32946: "deflate",
}  # fmt: skip
_CFA, _LINEAR_RAW = 32803, 34892
_MAX_TILE_EXCESS: Final = 4096
_UNSIGNED: Final = frozenset({1, 4})


def read_tiff(data: bytes) -> Layout:
    """The layout of a TIFF and its pages. Raises NotAPicture, UnsupportedPicture, TruncatedPicture.

    Refused: raw formats of cameras (DNG, NEF, ARW, CR2, ... are TIFF files), codings and colours no decoder here has,
    and pages that differ in size.
    """
    order = "<" if data[:2] == b"II" else ">"
    if data[8:10] == b"CR":
        raise UnsupportedPicture("Canon RAW (CR2) is not taken; send a developed picture")
    found = _pages(data, order)
    _check_not_raw(found)
    pages = [page for page in found if page.is_picture()]
    if not pages:
        raise NotAPicture("a TIFF file without a picture in it")
    if sum(page.places() for page in pages) > MOST_PLACES:
        raise UnsupportedPicture(f"a TIFF file of more than {MOST_PLACES} strips or tiles")
    for page in pages:
        _check_page(page)
    first = pages[0]
    if any(_kind(page) != _kind(first) for page in pages):
        raise UnsupportedPicture("a TIFF file of pages that differ in size, kind or turn; send each by itself")
    return Layout(
        "tiff",
        first.number(Tag.WIDTH, 0),
        first.number(Tag.HEIGHT, 0),
        _bare(data, order, pages),
        frames=len(pages),
        orientation=first.orientation,
        bits=first.bits,
        lossy=any(page.number(Tag.CODING, 1) == JPEG for page in pages),
        coded_bytes=sum(sum(page.numbers(Tag.STRIP_BYTES)) + sum(page.numbers(Tag.TILE_BYTES)) for page in pages),
        exif=data,
        icc=_profile(first),
        is_inverted=first.is_inverted,
    )


def _pages(data: bytes, order: str) -> list[Page]:
    """The chain of directories; a chain that comes back to itself ends there."""
    pages: list[Page] = []
    seen: set[int] = set()
    (offset,) = struct.unpack_from(f"{order}I", data.ljust(8, b"\0"), 4)
    while offset and offset not in seen:
        seen.add(offset)
        check_frames(len(pages) // 2)  # as many reduced copies again
        page, offset = _page_at(data, order, offset)
        pages.append(page)
    return pages


def _page_at(data: bytes, order: str, offset: int) -> tuple[Page, int]:
    """One directory and the offset of the next."""
    try:
        (count,) = struct.unpack_from(f"{order}H", data, offset)
        if count > _MAX_FIELDS:
            raise UnsupportedPicture(f"a TIFF directory of more than {_MAX_FIELDS} fields")
        fields: dict[int, Field] = {}
        for at in range(offset + 2, offset + 2 + 12 * count, 12):
            tag, type_, values, place = struct.unpack_from(f"{order}HHII", data, at)
            size = VALUE_BYTES.get(type_, 0) * values
            start = at + 8 if size <= 4 else place
            if size and start + size <= len(data):
                fields.setdefault(tag, Field(tag, type_, values, start, size))
            elif tag in KEPT:
                raise TruncatedPicture("the TIFF file ends within a field")
        return Page(data, order, fields), _next_offset(data, order, offset + 2 + 12 * count)
    except struct.error as error:
        raise TruncatedPicture("the TIFF file ends within a directory") from error


def _next_offset(data: bytes, order: str, at: int) -> int:
    """Where the next directory begins; 0 at the last, and where the file ends before saying so."""
    found: tuple[int, ...] = struct.unpack_from(f"{order}I", data, at) if at + 4 <= len(data) else (0,)
    return found[0]


def _check_not_raw(pages: list[Page]) -> None:
    for page in pages:
        if Tag.DNG_VERSION in page.fields:
            raise UnsupportedPicture("DNG is not taken; send a developed picture")
        if page.photometric in {_CFA, _LINEAR_RAW}:
            raise UnsupportedPicture("a camera's RAW file is not taken; send a developed picture")
    if pages and not any(page.is_picture() for page in pages):
        raise UnsupportedPicture("a TIFF file with nothing but reduced copies (RAW) is not taken")


def _kind(page: Page) -> tuple[int, ...]:
    sizes = tuple(page.number(tag, 1) for tag in (Tag.WIDTH, Tag.HEIGHT, Tag.BITS, Tag.SAMPLES))
    return (*sizes, page.photometric, page.orientation)


def _check_page(page: Page) -> None:
    coding = page.number(Tag.CODING, 1)
    if coding not in _CODINGS:
        raise UnsupportedPicture(f"a TIFF file of coding {coding} is not taken")
    if page.bits > 16 or set(page.numbers(Tag.SAMPLE_FORMAT)) - _UNSIGNED:
        raise UnsupportedPicture("a TIFF file of more than 16 bits a sample, signed or floating point")
    if page.number(Tag.SAMPLES, 1) > 8:
        raise UnsupportedPicture("a TIFF file of more than eight samples a pixel")
    check_samples(page.samples())
    width, height = page.number(Tag.WIDTH, 0), page.number(Tag.HEIGHT, 0)
    if not width or not height:
        raise NotAPicture("a TIFF file without pixels")
    tile_width, tile_height = page.number(Tag.TILE_WIDTH, 0), page.number(Tag.TILE_HEIGHT, 0)
    if tile_width > width + _MAX_TILE_EXCESS or tile_height > height + _MAX_TILE_EXCESS:
        raise UnsupportedPicture("a TIFF file of tiles larger than its picture")
    if page.places() > page.most_places():
        raise UnsupportedPicture("a TIFF file of more strips or tiles than its picture can have")
    _check_places(page)


def _check_places(page: Page) -> None:
    """The coded pixels lie within the file."""
    for places, sizes in ((Tag.STRIP_OFFSETS, Tag.STRIP_BYTES), (Tag.TILE_OFFSETS, Tag.TILE_BYTES)):
        starts, lengths = page.numbers(places), page.numbers(sizes)
        if any(start + length > len(page.data) for start, length in zip(starts, lengths, strict=False)):
            raise TruncatedPicture("the TIFF file ends within the picture")


def _profile(page: Page) -> bytes | None:
    found = page.fields.get(Tag.ICC)
    if found is None or found.size > MAX_ICC_BYTES:
        return None
    return page.data[found.start : found.start + found.size]


def _bare(data: bytes, order: str, pages: list[Page]) -> bytes:
    """The file with a new chain of directories behind it; offsets in it stay what they were."""
    padding = bytes(len(data) % 2)
    position = len(data) + len(padding)
    parts: list[bytes | memoryview] = [data[:4], struct.pack(f"{order}I", position), memoryview(data)[8:], padding]
    for number, page in enumerate(pages[:MAX_FRAMES], start=1):
        entries = page.entries()
        position += 2 + 12 * len(entries) + 4
        following = position if number < len(pages) else 0
        parts += [struct.pack(f"{order}H", len(entries)), *entries, struct.pack(f"{order}I", following)]
    return b"".join(parts)
