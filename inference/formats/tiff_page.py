"""One directory of a TIFF (TIFF 6.0, section 2): its fields, what they say, and those of them that decoders get."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from inference.formats.tiff_samples import WHITE_IS_ZERO, Samples
from inference.orientation import UPRIGHT


class Tag(IntEnum):
    """The fields that are looked at, by the names of what they hold."""

    SUBFILE = 254
    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    CODING = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES = 277
    STRIP_ROWS = 278
    STRIP_BYTES = 279
    PLANAR = 284
    COLOR_MAP = 320
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILE_OFFSETS = 324
    TILE_BYTES = 325
    FURTHER = 338
    SAMPLE_FORMAT = 339
    JPEG_TABLES = 347
    ICC = 34675
    DNG_VERSION = 50706


MOST_PLACES: Final = 1 << 18
"""Strips and tiles, of all pages together: 800 bytes each in the largest picture that is taken."""

KEPT: Final[Mapping[int, int]] = {
    Tag.WIDTH: 1, Tag.HEIGHT: 1, Tag.BITS: 8, Tag.CODING: 1, Tag.PHOTOMETRIC: 1, Tag.FILL_ORDER: 1, Tag.SAMPLES: 1,
    Tag.STRIP_OFFSETS: MOST_PLACES, Tag.STRIP_ROWS: 1, Tag.STRIP_BYTES: MOST_PLACES, Tag.PLANAR: 1, 292: 1, 293: 1,
    317: 1, Tag.COLOR_MAP: 3 << 8, Tag.TILE_WIDTH: 1, Tag.TILE_HEIGHT: 1, Tag.TILE_OFFSETS: MOST_PLACES,
    Tag.TILE_BYTES: MOST_PLACES, 332: 1, Tag.FURTHER: 8, Tag.JPEG_TABLES: 1 << 16, 529: 3, 530: 2, 531: 1, 532: 6,
}  # fmt: skip
"""Tags that decoders get, with the most values each may have."""

VALUE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SHORT: Final = 3
_CODES: Final = {1: "B", _SHORT: "H", 4: "I"}
JPEG: Final = 7
_BLACK_IS_ZERO: Final = 1
_OF_THREE: Final = frozenset({2, 6})  # RGB and YCbCr
_REDUCED_OR_MASK: Final = 1 | 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it stands in its directory: 12 bytes of entry, and its value's place in the file."""

    tag: int
    type: int
    count: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """One directory's fields, and the order of the file's bytes (`<` or `>`)."""

    data: bytes
    order: str
    fields: Mapping[int, Field]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """A field's whole numbers; empty where it is absent, of another type, or has too many."""
        found = self.fields.get(tag)
        if found is None or found.type not in _CODES or found.count > KEPT.get(tag, 8):
            return ()
        return struct.unpack_from(f"{self.order}{found.count}{_CODES[found.type]}", self.data, found.start)

    def number(self, tag: int, otherwise: int) -> int:
        """A field's first number, or its default."""
        return next(iter(self.numbers(tag)), otherwise)

    def is_picture(self) -> bool:
        """Whether this is a page: neither a reduced copy nor a mask, and with pixels."""
        return not self.number(Tag.SUBFILE, 0) & _REDUCED_OR_MASK and self.number(Tag.WIDTH, 0) > 0

    def entries(self) -> list[bytes]:
        """The entries that decoders get; values that lie elsewhere are still found there."""
        kept = [field for tag, field in sorted(self.fields.items()) if field.count <= KEPT.get(tag, 0)]
        return [self._entry(field) for field in kept]

    def _entry(self, field: Field) -> bytes:
        head = struct.pack(f"{self.order}HHI", field.tag, field.type, field.count)
        if field.tag == Tag.PHOTOMETRIC and self.is_inverted:
            # Decoders differ: the pixels are inverted here afterwards.
            return head[:4] + struct.pack(f"{self.order}IHxx", 1, _BLACK_IS_ZERO)
        if field.size > 4:
            return head + struct.pack(f"{self.order}I", field.start)
        return head + self.data[field.start : field.start + 4]

    @property
    def bits(self) -> int:
        """The depth of the first sample."""
        return self.number(Tag.BITS, 1)

    @property
    def photometric(self) -> int:
        """What the samples mean; decoders take a page that does not say for one whose zero is white."""
        return self.number(Tag.PHOTOMETRIC, WHITE_IS_ZERO)

    @property
    def is_inverted(self) -> bool:
        """Whether zero is white in samples that the decoder does not invert."""
        return self.photometric == WHITE_IS_ZERO and self.bits > 8

    @property
    def orientation(self) -> int:
        """The EXIF value 1..8 that makes the page upright; of another type than SHORT it is not obeyed, as in EXIF."""
        field = self.fields.get(Tag.ORIENTATION)
        said = self.number(Tag.ORIENTATION, UPRIGHT) if field is not None and field.type == _SHORT else UPRIGHT
        return said if 1 <= said <= 8 else UPRIGHT

    def samples(self) -> Samples:
        """What the samples of a pixel are."""
        untold = 3 if self.number(Tag.CODING, 1) == JPEG and self.photometric in _OF_THREE else 1
        return Samples(
            photometric=self.photometric,
            depths=self.numbers(Tag.BITS) or (1,),
            count=self.number(Tag.SAMPLES, untold),
            further=self.numbers(Tag.FURTHER),
            fill_order=self.number(Tag.FILL_ORDER, 1),
            planar=self.number(Tag.PLANAR, 1),
            coding=self.number(Tag.CODING, 1),
            is_little_endian=self.order == "<",
        )

    def places(self) -> int:
        """How many strips or tiles the page claims to have, by their offsets or their lengths."""
        pairs = ((Tag.STRIP_OFFSETS, Tag.TILE_OFFSETS), (Tag.STRIP_BYTES, Tag.TILE_BYTES))
        return max(sum(self.fields[tag].count for tag in pair if tag in self.fields) for pair in pairs)

    def most_places(self) -> int:
        """How many a page of its size can have: a strip has a row at least."""
        planes = self.number(Tag.SAMPLES, 1)
        across = -(-self.number(Tag.WIDTH, 0) // max(self.number(Tag.TILE_WIDTH, 1 << 32), 1))
        down = -(-self.number(Tag.HEIGHT, 0) // max(self.number(Tag.TILE_HEIGHT, 1), 1))
        return planes * across * down
