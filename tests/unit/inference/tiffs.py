"""TIFF files written field by field, for what no library writes."""

import struct
from collections.abc import Iterable, Mapping, Sequence

Fields = Mapping[int, tuple[int, Sequence[int]]]
"""Tag to type and values."""

_CODES = {3: "H", 4: "I"}


def written(pages: Iterable[Fields], pixels: bytes, *, order: str = "<") -> bytes:
    """A file of these directories; `pixels` lie at offset 8."""
    parts = [b"II*\0" if order == "<" else b"MM\0*", bytes(4), pixels, bytes(len(pixels) % 2)]
    link, position = 4, 8 + len(pixels) + len(pixels) % 2
    data = bytearray(b"".join(parts))
    for fields in pages:
        struct.pack_into(f"{order}I", data, link, position)
        directory, behind = _directory(fields, order, position)
        data += directory + behind
        link = position + len(directory) - 4
        position = len(data)
    return bytes(data)


def _directory(fields: Fields, order: str, position: int) -> tuple[bytes, bytes]:
    """One directory without a next one, and the values that lie behind it."""
    entries, behind = [], b""
    start = position + 2 + 12 * len(fields) + 4
    for tag, (kind, values) in sorted(fields.items()):
        raw = struct.pack(f"{order}{len(values)}{_CODES[kind]}", *values)
        place = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(f"{order}I", start + len(behind))
        behind += raw if len(raw) > 4 else b""
        entries.append(struct.pack(f"{order}HHI", tag, kind, len(values)) + place)
    head = struct.pack(f"{order}H", len(fields))
    return head + b"".join(entries) + bytes(4), behind + bytes(len(behind) % 2)


def page(size: tuple[int, int], photometric: int, depths: Sequence[int], length: int, **more: Sequence[int]) -> Fields:
    """A directory of one strip; `more` are further tags as `t338=(2,)`."""
    fields: dict[int, tuple[int, Sequence[int]]] = {
        256: (4, [size[0]]), 257: (4, [size[1]]), 258: (3, depths), 259: (3, [1]), 262: (3, [photometric]),
        273: (4, [8]), 277: (3, [len(depths)]), 278: (4, [size[1]]), 279: (4, [length]),
    }  # fmt: skip
    return fields | {int(tag[1:]): (4 if int(tag[1:]) in {273, 279, 324, 325} else 3, v) for tag, v in more.items()}
