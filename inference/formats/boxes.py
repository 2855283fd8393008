"""Boxes: the length-type-content structure of ISO base media files (ISO/IEC 14496-12 4.2) and of JP2 (15444-1 I.4)."""

import struct
from dataclasses import dataclass
from typing import Final

from inference.errors import NotAPicture

MAX_BOXES: Final = 4000


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type, and the offsets of the first byte of its content and of the byte after it."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int, end: int, *, lenient: bool = False) -> list[Box]:
    """The boxes between two offsets, not those within them.

    Raises NotAPicture where one does not fit, or there are more than MAX_BOXES; `lenient` stops there instead, for
    the top level, where senders append what they like.
    """
    found: list[Box] = []
    position = start
    while position + 8 <= end:
        box = _box_at(data, position, end)
        if box is None or len(found) == MAX_BOXES:
            if lenient:
                break
            raise NotAPicture("a box of the file is not well formed, or there are too many")
        found.append(box)
        position = box.end
    return found


def _box_at(data: bytes, position: int, end: int) -> Box | None:
    size, kind = struct.unpack_from(">I4s", data, position)
    content = position + 8
    if size == 1:
        if content + 8 > end:
            return None
        (size,) = struct.unpack_from(">Q", data, content)
        content += 8
    elif size == 0:
        size = end - position
    return Box(kind, content, position + size) if content <= position + size <= end else None
