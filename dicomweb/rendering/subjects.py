"""What is to be shown: an instance or one of its frames, and what the archive knows of it."""

from collections.abc import Sequence
from contextlib import closing
from functools import cached_property
from typing import Final

from dicomweb.archive import Archive, JsonObject, Span, StoredInstance
from dicomweb.rendering import members as json
from dicomweb.rendering.coloring import MAX_PROFILE_BYTES
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.image_facts import ImageFacts, image_facts
from dicomweb.rendering.kinds import Kind, kind_of
from dicomweb.transcoding import read_frame

_ICC_PROFILE: Final = "00282000"
_PIXEL_DATA: Final = "7FE00010"


class Subject:
    """One frame of an instance, counted from 1; what is read is read once."""

    def __init__(self, archive: Archive, instance: StoredInstance, frame_number: int = 1) -> None:
        self.archive = archive
        self.instance = instance
        self.frame_number = frame_number

    @property
    def kind(self) -> Kind:
        """What the instance is."""
        return kind_of(self.instance)

    @cached_property
    def members(self) -> JsonObject:
        """The header."""
        return next(iter(self.archive.metadata([self.instance])), {})

    @cached_property
    def facts(self) -> ImageFacts:
        """What the header says of the pixels."""
        return image_facts(self.members, self.read_bulk, self.frame_number)

    @cached_property
    def frames(self) -> Sequence[Sequence[Span]]:
        """Where all frames lie."""
        return self.archive.frames(self.instance)

    @cached_property
    def spans(self) -> Sequence[Span]:
        """Where the frame lies; all of a video.

        Raises:
            NotRenderableError: its frames cannot be told apart.
        """
        if self.kind is Kind.VIDEO:
            spans = self.archive.bulk_data(self.instance, _PIXEL_DATA)
        else:
            spans = self.frames[self.frame_number - 1] if self.frame_number <= len(self.frames) else ()
        if not spans:
            raise NotRenderableError("the frames of the instance cannot be told apart")
        return spans

    @cached_property
    def profile(self) -> bytes | None:
        """The ICC profile of the header, of the first optical path where the data set itself has none."""
        path = "" if _ICC_PROFILE in self.members else "00480105/1/"
        members = self.members if not path else json.first_item(self.members, "00480105")
        if _ICC_PROFILE not in members:
            return None
        return json.inline_binary(members, _ICC_PROFILE) or self.read_bulk(path + _ICC_PROFILE) or None

    def read_bulk(self, path: str) -> bytes:
        """A bulk value of the header other than pixel data; empty where there is none, or too large a one."""
        spans = self.archive.bulk_data(self.instance, path)
        if not spans or sum(span.length for span in spans) > MAX_PROFILE_BYTES:
            return b""
        return self.read(*spans)

    def read_frame(self, max_bytes: int) -> bytes:
        """The frame as it is stored.

        Raises:
            NotRenderableError: it has more bytes than that.
        """
        if sum(span.length for span in self.spans) > max_bytes:
            raise NotRenderableError("the frame is too large to be shown")
        return self.read(*self.spans)

    def read_start(self, max_bytes: int) -> bytes:
        """The first bytes of the frame, as many as lie in its first fragment."""
        first = self.spans[0]
        return self.read(Span(first.offset, min(first.length, max_bytes)))

    def read(self, *spans: Span) -> bytes:
        """The bytes of spans of the file."""
        with closing(self.archive.open(self.instance)) as file:
            return read_frame(file, spans)
