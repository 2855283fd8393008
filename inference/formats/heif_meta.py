"""The meta box of an ISO base media file (ISO/IEC 14496-12 8.11, 23008-12): items, their data, links and properties."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.boxes import Box, boxes

_MAX_ITEMS: Final = 4000
_MAX_LINKS: Final = 1 << 16  # of items to properties, and to the items that they are made of


@dataclass(frozen=True, slots=True)
class Meta:
    """The boxes of the meta box by type, and the items: types, places of their data, references."""

    data: bytes
    primary: int
    kinds: Mapping[int, bytes]
    places: Mapping[int, list[tuple[int, int]]]
    parts: Mapping[int, tuple[int, ...]]
    properties: Mapping[int, tuple[Box, ...]]

    def of(self, item: int, kind: bytes) -> Box | None:
        """An item's first property of this type."""
        return next((box for box in self.properties.get(item, ()) if box.kind == kind), None)

    def size(self, item: int) -> tuple[int, int]:
        """Width and height of an item as coded (`ispe`, 6.5.3)."""
        box = self.of(item, b"ispe")
        if box is None:
            raise NotAPicture("a HEIF file with a picture of no size")
        width, height = struct.unpack_from(">2I", self.data, box.start + 4)
        return width, height


def read_meta(data: bytes) -> Meta:
    """The meta box of a file. Raises NotAPicture, UnsupportedPicture, TruncatedPicture, struct.error, IndexError."""
    outer = {box.kind: box for box in reversed(boxes(data, 0, len(data), lenient=True))}
    if b"meta" not in outer:
        raise TruncatedPicture("the HEIF file ends before it says what it holds")
    meta = outer[b"meta"]
    inner = {box.kind: box for box in reversed(boxes(data, meta.start + 4, meta.end))}
    if not {b"pitm", b"iinf", b"iloc", b"iprp"} <= set(inner):
        raise NotAPicture("a HEIF file without a picture in it")
    return Meta(
        data,
        _primary(data, inner[b"pitm"]),
        dict(_items(data, inner[b"iinf"])),
        dict(_places(data, inner[b"iloc"], inner.get(b"idat"))),
        dict(_parts(data, inner[b"iref"])) if b"iref" in inner else {},
        _properties(data, inner[b"iprp"]),
    )


def _primary(data: bytes, box: Box) -> int:
    item: int = struct.unpack_from(">I" if data[box.start] else ">H", data, box.start + 4)[0]
    return item


def _items(data: bytes, box: Box) -> Iterator[tuple[int, bytes]]:
    """Item number and type of each entry (14496-12 8.11.6)."""
    skipped = 4 + (4 if data[box.start] else 2)
    for entry in boxes(data, box.start + skipped, box.end):
        version = data[entry.start]
        if entry.kind == b"infe" and version >= 2:
            layout = ">HH4s" if version == 2 else ">IH4s"
            item, _, kind = struct.unpack_from(layout, data, entry.start + 4)
            yield item, kind


class _Numbers:
    """Big-endian numbers of given sizes, one after the other."""

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self._data = data
        self._position = position
        self._end = end

    def take(self, size: int) -> int:
        """The next number of `size` bytes; 0 for none."""
        start, self._position = self._position, self._position + size
        if self._position > self._end:
            raise NotAPicture("a HEIF file with a box cut short")
        return int.from_bytes(self._data[start : self._position])


def _places(data: bytes, box: Box, idat: Box | None) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Item number, and offset and size of each piece of its data (14496-12 8.11.3)."""
    version = data[box.start]
    numbers = _Numbers(data, box.start + 4, box.end)
    sizes = numbers.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    pieces = 0
    for _ in range(numbers.take(2 if version < 2 else 4)):
        item = numbers.take(2 if version < 2 else 4)
        method = numbers.take(2) & 15 if version else 0
        numbers.take(2)
        base = numbers.take(base_size)
        if method == 1 and idat is not None:
            base += idat.start
        count = numbers.take(2)
        pieces += count + 1
        if pieces > _MAX_ITEMS:
            raise UnsupportedPicture(f"a HEIF file of more than {_MAX_ITEMS} items")
        found = []
        for _ in range(count):
            numbers.take(index_size if version else 0)
            offset = numbers.take(offset_size)
            found.append((base + offset, numbers.take(length_size)))
        yield item, found


def _parts(data: bytes, box: Box) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Derived item and the items it is made of (`dimg`, 14496-12 8.11.12)."""
    size = 4 if data[box.start] else 2
    links = 0
    for reference in boxes(data, box.start + 4, box.end):
        if reference.kind == b"dimg":
            numbers = _Numbers(data, reference.start, reference.end)
            item, count = numbers.take(size), numbers.take(2)
            links += count
            _check_links(links)
            yield item, tuple(numbers.take(size) for _ in range(count))


def _properties(data: bytes, box: Box) -> Mapping[int, tuple[Box, ...]]:
    """Each item's properties in their order (`ipco` and `ipma`, 23008-12 9.3)."""
    inner = boxes(data, box.start, box.end)
    every = next((boxes(data, b.start, b.end) for b in inner if b.kind == b"ipco"), [])
    found: dict[int, tuple[Box, ...]] = {}
    links = 0
    for association in (b for b in inner if b.kind == b"ipma"):
        version, is_wide = data[association.start], data[association.start + 3] & 1
        numbers = _Numbers(data, association.start + 4, association.end)
        for _ in range(numbers.take(4)):
            item, count = numbers.take(4 if version else 2), numbers.take(1)
            links += 1 + count
            _check_links(links)
            places = [numbers.take(2) & 0x7FFF if is_wide else numbers.take(1) & 0x7F for _ in range(count)]
            found[item] = tuple(every[place - 1] for place in places if 0 < place <= len(every))
    return found


def _check_links(count: int) -> None:
    if count > _MAX_LINKS:
        raise UnsupportedPicture(f"a HEIF file of more than {_MAX_LINKS} links between its items")
