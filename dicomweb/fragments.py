"""Fragments of encapsulated pixel data (PS3.5 A.4): where each lies; none is read."""

from dataclasses import dataclass
from struct import Struct

from dicomweb.archive import Span
from dicomweb.element_headers import ITEM, SEQUENCE_DELIMITER, UNDEFINED_LENGTH, read_item_header, tag_text
from dicomweb.part10_errors import MalformedError, TooLargeError, TruncatedError
from dicomweb.windows import Window

_OFFSET = Struct("<I")


@dataclass(frozen=True, slots=True)
class Encapsulated:
    """Encapsulated pixel data: the Basic Offset Table and the places of the fragments."""

    offset_table: tuple[int, ...]
    fragments: tuple[Span, ...]


def read_fragments(window: Window, tag: int, offset: int, end: int, limit: int) -> tuple[Encapsulated, int]:
    """The items from `offset` to their delimiter, and the offset behind it.

    Args:
        window: the file.
        tag: the element whose value they are.
        offset: where the first item begins.
        end: where the enclosing data set ends.
        limit: the most fragments taken.

    Raises:
        MalformedError: TruncatedError among them.
        TooLargeError: more fragments than allowed.
    """
    spans: list[Span] = []
    while True:
        item, length = read_item_header(window, offset, end)
        offset += 8
        if item == SEQUENCE_DELIMITER:
            break
        if item != ITEM:
            raise MalformedError(f"{tag_text(item)} among the fragments of {tag_text(tag)}, byte {offset - 8}")
        if length == UNDEFINED_LENGTH or offset + length > end:
            raise TruncatedError(f"a fragment of {tag_text(tag)} says {length} bytes at byte {offset}")
        if len(spans) > limit:
            raise TooLargeError(f"more than {limit} fragments in {tag_text(tag)}, byte {offset}")
        spans.append(Span(offset, length))
        offset += length
    if not spans:
        raise MalformedError(f"{tag_text(tag)} has no offset table item, byte {offset}")
    return Encapsulated(_offset_table(window, spans[0], limit), tuple(spans[1:])), offset


def _offset_table(window: Window, span: Span, limit: int) -> tuple[int, ...]:
    if span.length % 4 or span.length > 4 * limit:
        raise MalformedError(f"offset table of {span.length} bytes at byte {span.offset}")
    return tuple(offset for (offset,) in _OFFSET.iter_unpack(window.take(span.offset, span.length)))
