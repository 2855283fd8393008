"""Range requests (RFC 9110 14): which bytes of a body are asked for, and where they lie in a stored file. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dicomweb.archive import Span

_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.ASCII | re.IGNORECASE)


class UnsatisfiableError(ValueError):
    """None of the bytes asked for is there."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included, counted from 0."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1

    def content_range(self, total: int) -> str:
        """The Content-Range field of a body of `total` bytes."""
        return f"bytes {self.first}-{self.last}/{total}"


def parse_range(header: str, total: int) -> ByteRange | None:
    """The one range of a Range field, cut to a body of `total` bytes.

    None where the field is to be ignored: another unit than bytes, no range, or several of them, which a server need
    not serve (RFC 9110 14.2) and which are a known way to make one work.

    Raises:
        UnsatisfiableError: the range begins behind the body's end, or is empty.
    """
    match = _RANGE.fullmatch(header)
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        wanted = ByteRange(max(total - int(suffix), 0), total - 1)
    else:
        wanted = ByteRange(int(first), min(int(last), total - 1) if last else total - 1)
        if last and int(last) < int(first):
            return None
    if wanted.first > wanted.last:
        raise UnsatisfiableError(f"the body has {total} bytes")
    return wanted


def if_range_holds(header: str | None, tag: str) -> bool:
    """Whether a Range may be answered in part: there is no If-Range, or it names this representation.

    Only a strong entity tag can (RFC 9110 13.1.5); a date cannot, since no Last-Modified is given.
    """
    return header is None or header.strip() == tag


def cut(spans: Sequence[Span], wanted: ByteRange) -> tuple[Span, ...]:
    """The parts of `spans` that hold these bytes of the body they make up."""
    found: list[Span] = []
    begin = 0
    for span in spans:
        first = max(wanted.first - begin, 0)
        end = min(wanted.last + 1 - begin, span.length)
        if first < end:
            found.append(Span(span.offset + first, end - first))
        begin += span.length
    return tuple(found)
