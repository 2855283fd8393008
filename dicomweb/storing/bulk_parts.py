"""Bulk data parts of a store request, kept in one scratch file until the metadata that names them is whole."""

import errno
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urljoin

from dicomweb.archive import Span, StoreStatus
from dicomweb.media_types import MediaType
from dicomweb.storing.errors import MetadataError

_CHUNK_BYTES = 1024 * 1024
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FRAME = re.compile(r"(.+)/frames/([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class BulkPart:
    """One bulk data part: its number in the request from 1, its media type, and its place in the scratch file."""

    number: int
    media_type: MediaType
    span: Span


class Scratch:
    """The scratch file; what goes wrong with it is told when it is read, so that other parts can still be stored.

    `open_file` is called when the first byte is to be kept; it may raise OSError.
    """

    def __init__(self, open_file: Callable[[], BinaryIO]) -> None:
        self._open_file = open_file
        self._file: BinaryIO | None = None
        self._fault: OSError | None = None
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Append; nothing more once it failed."""
        self.size += len(chunk)
        if self._fault is not None:
            return
        try:
            self._opened().write(chunk)
        except OSError as error:
            self._fault = error

    def stream(self) -> BinaryIO:
        """The whole file, seekable.

        Raises:
            MetadataError: something could not be written.
        """
        if self._fault is None:
            try:
                self._opened().flush()
            except OSError as error:
                self._fault = error
        if self._fault is not None:
            full = self._fault.errno in _NO_ROOM
            status = StoreStatus.OUT_OF_RESOURCES if full else StoreStatus.PROCESSING_FAILURE
            raise MetadataError("no room for the bulk data" if full else "the bulk data could not be kept", status)
        return self._opened()

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = self._open_file()
        return self._file

    def chunks(self, span: Span) -> Iterator[bytes]:
        """The bytes of a span, piece by piece; `stream` says before whether they are there."""
        file = self._opened()
        file.seek(span.offset)
        left = span.length
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Give the file up."""
        if self._file is not None:
            with suppress(OSError):  # what was not written yet finds no room
                self._file.close()


class BulkParts:
    """Bulk data parts by their Content-Location, resolved against the URL of the request (RFC 2557 5)."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._by_location: dict[str, list[BulkPart]] = {}
        self._frames: dict[str, dict[int, BulkPart]] = {}
        self._all: list[BulkPart] = []
        self._named: set[int] = set()

    def add(self, location: str | None, part: BulkPart) -> None:
        """Take a part; several of one location are consecutive frames."""
        self._all.append(part)
        if location is None:
            return
        resolved = self._resolved(location)
        self._by_location.setdefault(resolved, []).append(part)
        if frame := _FRAME.fullmatch(resolved):
            self._frames.setdefault(frame[1], {}).setdefault(int(frame[2]), part)

    def named(self, uri: str) -> Sequence[BulkPart]:
        """The parts a BulkDataURI names: those of that location, or of `<location>/frames/<1, 2, …>`.

        Raises:
            MetadataError: there is none, or frames are missing between others.
        """
        resolved = self._resolved(uri)
        parts = self._by_location.get(resolved) or self._frames_of(resolved)
        if not parts:
            raise MetadataError("a BulkDataURI that is the Content-Location of no part", StoreStatus.DATA_SET_MISMATCH)
        self._named.update(part.number for part in parts)
        return parts

    def never_named(self) -> Sequence[BulkPart]:
        """Parts that no metadata refers to."""
        return [part for part in self._all if part.number not in self._named]

    def _frames_of(self, location: str) -> Sequence[BulkPart]:
        frames = self._frames.get(location, {})
        if frames and max(frames) != len(frames):
            raise MetadataError("frames are missing between those that were sent", StoreStatus.DATA_SET_MISMATCH)
        return [frames[number] for number in sorted(frames)]

    def _resolved(self, location: str) -> str:
        try:
            return urljoin(self._base_url, location)
        except ValueError:
            return location
