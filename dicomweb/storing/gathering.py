"""Metadata and bulk data of one request, gathered until it is whole, and the instances made of both."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Protocol

from dicomweb.archive import JsonObject, Span, StoreOutcome
from dicomweb.media_types import MediaType
from dicomweb.storing.bulk_parts import BulkPart, BulkParts, Scratch
from dicomweb.storing.documents import read_metadata
from dicomweb.storing.errors import MetadataError
from dicomweb.storing.making import make_part10
from dicomweb.storing.members import uid_of


class Sink(Protocol):
    """Takes the bytes of one part, then its end."""

    def write(self, chunk: bytes) -> None:
        """Append."""

    def end(self) -> None:
        """The part is whole."""


@dataclass(frozen=True, slots=True)
class Made:
    """An instance, or why there is none: exactly one of `chunks` and `failure`; `label` says where it came from."""

    label: str
    chunks: Iterator[bytes] | None = None
    failure: StoreOutcome | None = None


@dataclass(slots=True)
class _Document:
    number: int
    media_type: str
    text: bytearray = field(default_factory=bytearray)
    is_whole: bool = True


class Gathering:
    """What was gathered so far; use `made` once, and `close` in the end.

    Args:
        open_scratch: opens the file that bulk data goes to.
        base_url: against which relative locations are resolved.
        max_metadata_bytes: how many bytes of metadata are gathered.
    """

    def __init__(self, open_scratch: Callable[[], BinaryIO], base_url: str, max_metadata_bytes: int) -> None:
        self._scratch = Scratch(open_scratch)
        self._bulk = BulkParts(base_url)
        self._documents: list[_Document] = []
        self._bytes_left = max_metadata_bytes

    def metadata(self, number: int, media_type: str) -> Sink:
        """A sink for metadata, the request's part of that number."""
        document = _Document(number, media_type)
        self._documents.append(document)
        return _MetadataSink(self, document)

    def bulk_data(self, number: int, location: str | None, media_type: MediaType) -> Sink:
        """A sink for bulk data."""
        return _BulkSink(self._scratch, self._bulk, location, BulkPart(number, media_type, Span(self._scratch.size, 0)))

    def made(self) -> Iterator[Made]:
        """The instances, and a failure for each part of which nothing is kept."""
        for document in self._documents:
            yield from self._instances(document)
        for part in self._bulk.never_named():  # its sender would think that it is kept
            yield _failed(MetadataError("no metadata refers to this bulk data"), {}, f"part {part.number}")

    def close(self) -> None:
        """Give the scratch file up."""
        self._scratch.close()

    def take(self, size: int) -> bool:
        """Whether this much more metadata is taken."""
        self._bytes_left -= size
        return self._bytes_left >= 0

    def _instances(self, document: _Document) -> Iterator[Made]:
        label = f"part {document.number}"
        try:
            instances = _read(document)
        except MetadataError as error:
            yield _failed(error, {}, label)
            return
        for number, members in enumerate(instances, 1):
            yield self._instance(members, f"{label}, instance {number}" if len(instances) > 1 else label)

    def _instance(self, members: JsonObject, label: str) -> Made:
        try:
            return Made(label, make_part10(members, self._bulk, self._scratch))
        except MetadataError as error:
            return _failed(error, members, label)


def _read(document: _Document) -> Sequence[JsonObject]:
    if not document.is_whole:
        raise MetadataError("the request has more metadata than is taken")
    text, document.text = document.text, bytearray()
    return read_metadata(document.media_type, bytes(text))


def _failed(error: MetadataError, members: JsonObject, label: str) -> Made:
    outcome = StoreOutcome(
        error.status,
        str(error),
        sop_class_uid=uid_of(members, "00080016"),
        sop_instance_uid=uid_of(members, "00080018"),
        study_instance_uid=uid_of(members, "0020000D"),
        series_instance_uid=uid_of(members, "0020000E"),
    )
    return Made(label, failure=outcome)


@dataclass(frozen=True, slots=True)
class _MetadataSink:
    gathering: Gathering
    document: _Document

    def write(self, chunk: bytes) -> None:
        if self.gathering.take(len(chunk)):
            self.document.text += chunk
        else:
            self.document.is_whole = False
            self.document.text.clear()

    def end(self) -> None:
        """It is among the documents already."""


@dataclass(frozen=True, slots=True)
class _BulkSink:
    scratch: Scratch
    parts: BulkParts
    location: str | None
    begun: BulkPart

    def write(self, chunk: bytes) -> None:
        self.scratch.write(chunk)

    def end(self) -> None:
        offset = self.begun.span.offset
        self.parts.add(self.location, replace(self.begun, span=Span(offset, self.scratch.size - offset)))
