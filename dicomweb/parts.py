"""Parts of an answer: their headers, where their bytes come from, and how they are framed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from dicomweb.archive import Archive, Span, StoredInstance
from dicomweb.at_once import takes_longer
from dicomweb.bodies import WHOLE_BYTES, read_file
from dicomweb.multipart import closing, part_head


class PartSource(Protocol):
    """Bytes of a part: how many they are, and where they come from."""

    @property
    def length(self) -> int | None:
        """Bytes of the part; None where that is not known before they are made."""

    def chunks(self) -> Iterator[bytes]:
        """The bytes, piece by piece."""


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """Spans of a stored file; the file is opened when the bytes are wanted."""

    archive: Archive
    instance: StoredInstance
    spans: tuple[Span, ...]
    chunk_bytes: int

    @property
    def length(self) -> int:
        """Bytes of all spans."""
        return sum(span.length for span in self.spans)

    def chunks(self) -> Iterator[bytes]:
        """The spans' bytes one after another."""
        if self.length >= WHOLE_BYTES:
            takes_longer()
        file: BinaryIO = self.archive.open(self.instance)
        return read_file(file, self.spans, self.chunk_bytes)


class MadeBytes:
    """Bytes made for this answer, when they are wanted; their number is not known before."""

    length = None

    def __init__(self, make: Callable[[], bytes]) -> None:
        self.make = make

    def chunks(self) -> Iterator[bytes]:
        """All of them."""
        yield self.make()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer, or the whole of a single-part one."""

    headers: Mapping[str, str]
    source: PartSource


def content_type(media_type: str, transfer_syntax_uid: str | None) -> str:
    """A part's Content-Type, with its transfer syntax (PS3.18 8.7.3.5.2)."""
    return f"{media_type}; transfer-syntax={transfer_syntax_uid}" if transfer_syntax_uid else media_type


def multipart_length(boundary: str, parts: Sequence[Part]) -> int | None:
    """Bytes of the framed body; None where a part's length is not known."""
    total = len(closing(boundary))
    for part in parts:
        if part.source.length is None:
            return None
        total += len(part_head(boundary, part.headers)) + part.source.length
    return total


def multipart_chunks(boundary: str, parts: Iterable[Part]) -> Iterator[bytes]:
    """The framed body, piece by piece."""
    for part in parts:
        yield part_head(boundary, part.headers)
        yield from part.source.chunks()
    yield closing(boundary)
