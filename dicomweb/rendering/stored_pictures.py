"""Pictures that are answered with the bytes as they are stored: nothing is decoded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from dicomweb.archive import Span
from dicomweb.bodies import read_file
from dicomweb.parts import StoredBytes
from dicomweb.rendering.coloring import usable_profile
from dicomweb.rendering.jpeg_stream import MAX_HEADER_BYTES, JpegHeader, clean_header, read_jpeg_header
from dicomweb.rendering.kinds import Kind
from dicomweb.rendering.parameters import ColorProfile, Rendering
from dicomweb.rendering.profiles import profile_of
from dicomweb.rendering.subjects import Subject

_DCT: Final = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
_OWN: Final = frozenset({None, ColorProfile.NONE, ColorProfile.OWN})
_FIRST_READ_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class StoredJpeg:
    """A JPEG whose header is written anew and whose scans lie in the file."""

    header: bytes = field(repr=False)
    scans: StoredBytes

    @property
    def length(self) -> int:
        """Bytes of the whole stream."""
        return len(self.header) + self.scans.length

    def chunks(self) -> Iterator[bytes]:
        """The stream, piece by piece."""
        yield self.header
        yield from read_file(self.scans.archive.open(self.scans.instance), self.scans.spans, self.scans.chunk_bytes)


def stored_jpeg(subject: Subject, rendering: Rendering, chunk_bytes: int) -> StoredJpeg | None:
    """The stored JPEG of a frame where it is what was asked for, None where a picture must be made."""
    if not _asks_for_stored(rendering) or subject.instance.transfer_syntax_uid not in _DCT:
        return None
    if subject.kind is Kind.VIDEO or not subject.facts.shows_as_stored or (subject.facts.is_grey and rendering.window):
        return None
    header = _header(subject)
    if header is None or not _is_as_said(subject, header):
        return None
    first, *others = subject.spans
    spans = (Span(first.offset + header.end, first.length - header.end), *others)
    start = clean_header(
        header, _profile(subject, header, rendering), keep_profile=rendering.profile is not ColorProfile.NONE
    )
    return StoredJpeg(start, StoredBytes(subject.archive, subject.instance, spans, chunk_bytes))


def _asks_for_stored(rendering: Rendering) -> bool:
    return (
        not rendering.annotations
        and (rendering.quality, rendering.viewport, rendering.region) == (None, None, None)
        and rendering.profile in _OWN
    )


def _header(subject: Subject) -> JpegHeader | None:
    for most in (_FIRST_READ_BYTES, MAX_HEADER_BYTES):
        data = subject.read_start(most)
        header = read_jpeg_header(data)
        if header is not None or len(data) < most:
            return header
    return None


def _is_as_said(subject: Subject, header: JpegHeader) -> bool:
    facts = subject.facts
    if not header.is_shown or (header.rows, header.columns) != (facts.rows, facts.columns):
        return False
    # A browser takes three components for YCbCr where neither JFIF nor Adobe says otherwise.
    return header.components == 1 or (
        header.components == 3 and (header.colours_are_said or facts.photometric_interpretation != "RGB")
    )


def _profile(subject: Subject, header: JpegHeader, rendering: Rendering) -> bytes | None:
    if header.components == 1 or header.has_profile or rendering.profile is ColorProfile.NONE:
        return None
    own = usable_profile(subject.profile) if subject.profile else None
    return own or (profile_of(ColorProfile.SRGB) if rendering.profile is ColorProfile.OWN else None)


def all_of(subject: Subject, spans: Sequence[Span], chunk_bytes: int) -> StoredBytes:
    """A stored value as it is: a video, a document."""
    return StoredBytes(subject.archive, subject.instance, tuple(spans), chunk_bytes)
