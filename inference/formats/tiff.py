"""The directories of a TIFF (TIFF 6.0), and the file with them written anew, of the fields that make pixels.

A decoder reads every field of a directory into memory, each of which may claim the whole file, and follows what it
finds. So it gets directories with only known fields of known sizes; the pixels' own bytes stay where they are.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.layout import MAX_FRAMES, MAX_ICC_BYTES, Layout, check_frames
from inference.formats.tiff_samples import WHITE_IS_ZERO, Samples, check_samples
from inference.orientation import UPRIGHT

_SUBFILE, _WIDTH, _HEIGHT, _BITS, _CODING, _PHOTOMETRIC = 254, 256, 257, 258, 259, 262
_FILL_ORDER, _STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANAR = (
    266,
    273,
    274,
    277,
    278,
    279,
    284,
)
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 322, 323, 324, 325
_FURTHER, _SAMPLE_FORMAT, _JPEG_TABLES, _ICC, _DNG_VERSION = 338, 339, 347, 34675, 50706

_MAX_FIELDS: Final = 1000
_PLACES: Final = 1 << 18
"""Strips and tiles, of all pages together: 800 bytes each in the largest picture that is taken."""

_KEPT: Final[Mapping[int, int]] = {
    _WIDTH: 1, _HEIGHT: 1, _BITS: 8, _CODING: 1, _PHOTOMETRIC: 1, _FILL_ORDER: 1, _STRIP_OFFSETS: _PLACES, _SAMPLES: 1,
    _STRIP_ROWS: 1, _STRIP_BYTES: _PLACES, _PLANAR: 1, 292: 1, 293: 1, 317: 1, 320: 3 << 16, _TILE_WIDTH: 1,
    _TILE_HEIGHT: 1, _TILE_OFFSETS: _PLACES, _TILE_BYTES: _PLACES, 332: 1, _FURTHER: 8, _JPEG_TABLES: 1 << 16, 529: 3,
    530: 2, 531: 1, 532: 6,
}  # fmt: skip
"""Tags that decoders get, with the most values each may have."""

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SHORT: Final = 3
_CODES: Final = {1: "B", _SHORT: "H", 4: "I"}
_CODINGS: Final = {
    1: "uncoded", 2: "CCITT", 3: "CCITT 3", 4: "CCITT 4", 5: "LZW", 7: "JPEG", 8: "deflate", 32773: "PackBits",
    32946: "deflate",
}  # fmt: skip
_JPEG: Final = 7
_BLACK_IS_ZERO, _CFA, _LINEAR_RAW = 1, 32803, 34892
_OF_THREE: Final = frozenset({2, 6})  # RGB and YCbCr
_REDUCED_OR_MASK: Final = 1 | 4
_MAX_TILE_EXCESS: Final = 4096
_UNSIGNED: Final = frozenset({1, 4})


@dataclass(frozen=True, slots=True)
class _Field:
    """One field as it stands in its directory: 12 bytes of entry, and its value's place in the file."""

    tag: int
    type: int
    count: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Page:
    """One directory's fields, and the order of the file's bytes (`<` or `>`)."""

    data: bytes
    order: str
    fields: Mapping[int, _Field]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """A field's whole numbers; empty where it is absent, of another type, or has too many."""
        found = self.fields.get(tag)
        if found is None or found.type not in _CODES or found.count > _KEPT.get(tag, 8):
            return ()
        return struct.unpack_from(f"{self.order}{found.count}{_CODES[found.type]}", self.data, found.start)

    def number(self, tag: int, otherwise: int) -> int:
        """A field's first number, or its default."""
        return next(iter(self.numbers(tag)), otherwise)

    def is_picture(self) -> bool:
        """Whether this is a page: neither a reduced copy nor a mask, and with pixels."""
        return not self.number(_SUBFILE, 0) & _REDUCED_OR_MASK and self.number(_WIDTH, 0) > 0

    def entries(self) -> list[bytes]:
        """The entries that decoders get; values that lie elsewhere are still found there."""
        kept = [field for tag, field in sorted(self.fields.items()) if field.count <= _KEPT.get(tag, 0)]
        return [self._entry(field) for field in kept]

    def _entry(self, field: _Field) -> bytes:
        head = struct.pack(f"{self.order}HHI", field.tag, field.type, field.count)
        if field.tag == _PHOTOMETRIC and self.is_inverted:
            return head[:4] + struct.pack(
                f"{self.order}IHxx", 1, _BLACK_IS_ZERO
            )  # decoders differ; inverted here afterwards
        if field.size > 4:
            return head + struct.pack(f"{self.order}I", field.start)
        return head + self.data[field.start : field.start + 4]

    @property
    def bits(self) -> int:
        """The depth of the first sample."""
        return self.number(_BITS, 1)

    @property
    def photometric(self) -> int:
        """What the samples mean; decoders take a page that does not say for one whose zero is white."""
        return self.number(_PHOTOMETRIC, WHITE_IS_ZERO)

    @property
    def is_inverted(self) -> bool:
        """Whether zero is white in samples that the decoder does not invert."""
        return self.photometric == WHITE_IS_ZERO and self.bits > 8

    @property
    def orientation(self) -> int:
        """The EXIF value 1..8 that makes the page upright; of another type than SHORT it is not obeyed, as in EXIF."""
        field = self.fields.get(_ORIENTATION)
        said = self.number(_ORIENTATION, UPRIGHT) if field is not None and field.type == _SHORT else UPRIGHT
        return said if 1 <= said <= 8 else UPRIGHT

    def samples(self) -> Samples:
        """What the samples of a pixel are."""
        return Samples(
            photometric=self.photometric,
            depths=self.numbers(_BITS) or (1,),
            count=self.number(_SAMPLES, 3 if self.number(_CODING, 1) == _JPEG and self.photometric in _OF_THREE else 1),
            further=self.numbers(_FURTHER),
            fill_order=self.number(_FILL_ORDER, 1),
            planar=self.number(_PLANAR, 1),
            coding=self.number(_CODING, 1),
            is_little_endian=self.order == "<",
        )

    def places(self) -> int:
        """How many strips or tiles the page claims to have."""
        return sum(self.fields[tag].count for tag in (_STRIP_OFFSETS, _TILE_OFFSETS) if tag in self.fields)

    def most_places(self) -> int:
        """How many a page of its size can have: a strip has a row at least."""
        planes = self.number(_SAMPLES, 1)
        across = -(-self.number(_WIDTH, 0) // max(self.number(_TILE_WIDTH, 1 << 32), 1))
        down = -(-self.number(_HEIGHT, 0) // max(self.number(_TILE_HEIGHT, 1), 1))
        return planes * across * down


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
    if sum(page.places() for page in pages) > _PLACES:
        raise UnsupportedPicture(f"a TIFF file of more than {_PLACES} strips or tiles")
    for page in pages:
        _check_page(page)
    first = pages[0]
    if any(_kind(page) != _kind(first) for page in pages):
        raise UnsupportedPicture("a TIFF file of pages that differ in size, kind or turn; send each by itself")
    return Layout(
        "tiff",
        first.number(_WIDTH, 0),
        first.number(_HEIGHT, 0),
        _bare(data, order, pages),
        frames=len(pages),
        orientation=first.orientation,
        bits=first.bits,
        lossy=any(page.number(_CODING, 1) == _JPEG for page in pages),
        coded_bytes=sum(sum(page.numbers(_STRIP_BYTES)) + sum(page.numbers(_TILE_BYTES)) for page in pages),
        exif=data,
        icc=_profile(first),
        is_inverted=first.is_inverted,
    )


def _pages(data: bytes, order: str) -> list[_Page]:
    """The chain of directories; a chain that comes back to itself ends there."""
    pages: list[_Page] = []
    seen: set[int] = set()
    (offset,) = struct.unpack_from(f"{order}I", data.ljust(8, b"\0"), 4)
    while offset and offset not in seen:
        seen.add(offset)
        check_frames(len(pages) // 2)  # as many reduced copies again
        page, offset = _page_at(data, order, offset)
        pages.append(page)
    return pages


def _page_at(data: bytes, order: str, offset: int) -> tuple[_Page, int]:
    """One directory and the offset of the next."""
    try:
        (count,) = struct.unpack_from(f"{order}H", data, offset)
        if count > _MAX_FIELDS:
            raise UnsupportedPicture(f"a TIFF directory of more than {_MAX_FIELDS} fields")
        fields: dict[int, _Field] = {}
        for at in range(offset + 2, offset + 2 + 12 * count, 12):
            tag, type_, values, place = struct.unpack_from(f"{order}HHII", data, at)
            size = _SIZES.get(type_, 0) * values
            start = at + 8 if size <= 4 else place
            if size and start + size <= len(data):
                fields.setdefault(tag, _Field(tag, type_, values, start, size))
            elif tag in _KEPT:
                raise TruncatedPicture("the TIFF file ends within a field")
        return _Page(data, order, fields), _next_offset(data, order, offset + 2 + 12 * count)
    except struct.error as error:
        raise TruncatedPicture("the TIFF file ends within a directory") from error


def _next_offset(data: bytes, order: str, at: int) -> int:
    """Where the next directory begins; 0 at the last, and where the file ends before saying so."""
    found: tuple[int, ...] = struct.unpack_from(f"{order}I", data, at) if at + 4 <= len(data) else (0,)
    return found[0]


def _check_not_raw(pages: list[_Page]) -> None:
    for page in pages:
        if _DNG_VERSION in page.fields:
            raise UnsupportedPicture("DNG is not taken; send a developed picture")
        if page.photometric in {_CFA, _LINEAR_RAW}:
            raise UnsupportedPicture("a camera's RAW file is not taken; send a developed picture")
    if pages and not any(page.is_picture() for page in pages):
        raise UnsupportedPicture("a TIFF file with nothing but reduced copies (RAW) is not taken")


def _kind(page: _Page) -> tuple[int, ...]:
    sizes = tuple(page.number(tag, 1) for tag in (_WIDTH, _HEIGHT, _BITS, _SAMPLES))
    return (*sizes, page.photometric, page.orientation)


def _check_page(page: _Page) -> None:
    coding = page.number(_CODING, 1)
    if coding not in _CODINGS:
        raise UnsupportedPicture(f"a TIFF file of coding {coding} is not taken")
    if page.bits > 16 or set(page.numbers(_SAMPLE_FORMAT)) - _UNSIGNED:
        raise UnsupportedPicture("a TIFF file of more than 16 bits a sample, signed or floating point")
    if page.number(_SAMPLES, 1) > 8:
        raise UnsupportedPicture("a TIFF file of more than eight samples a pixel")
    check_samples(page.samples())
    width, height = page.number(_WIDTH, 0), page.number(_HEIGHT, 0)
    if not width or not height:
        raise NotAPicture("a TIFF file without pixels")
    tile_width, tile_height = page.number(_TILE_WIDTH, 0), page.number(_TILE_HEIGHT, 0)
    if tile_width > width + _MAX_TILE_EXCESS or tile_height > height + _MAX_TILE_EXCESS:
        raise UnsupportedPicture("a TIFF file of tiles larger than its picture")
    if page.places() > page.most_places():
        raise UnsupportedPicture("a TIFF file of more strips or tiles than its picture can have")
    _check_places(page)


def _check_places(page: _Page) -> None:
    """The coded pixels lie within the file."""
    for places, sizes in ((_STRIP_OFFSETS, _STRIP_BYTES), (_TILE_OFFSETS, _TILE_BYTES)):
        starts, lengths = page.numbers(places), page.numbers(sizes)
        if any(start + length > len(page.data) for start, length in zip(starts, lengths, strict=False)):
            raise TruncatedPicture("the TIFF file ends within the picture")


def _profile(page: _Page) -> bytes | None:
    found = page.fields.get(_ICC)
    if found is None or found.size > MAX_ICC_BYTES:
        return None
    return page.data[found.start : found.start + found.size]


def _bare(data: bytes, order: str, pages: list[_Page]) -> bytes:
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
