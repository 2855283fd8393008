"""How something to look at is answered: found as it is stored, kept from before, or still to be made.

What is stored is sent as it is. Pictures that must be made are made in few threads of their own, so that whoever asks
for many of them holds up nobody who asks for something else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb import wado
from dicomweb.answers import answer_single, guarded
from dicomweb.bodies import Answer, respond
from dicomweb.making import MakingRoom
from dicomweb.multipart import multipart_type, new_boundary
from dicomweb.negotiation import Offer
from dicomweb.parts import MadeBytes, Part, PartSource, multipart_chunks
from dicomweb.rendering import members as json
from dicomweb.rendering.answers import source_of
from dicomweb.rendering.cache import MemoryCache, PictureCache
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.rendering.encoding import PICTURES
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.kinds import Kind
from dicomweb.rendering.parameters import ParsedRendering, Rendering, Viewport
from dicomweb.rendering.renderer import Renderer, RenderingBounds
from dicomweb.rendering.reports.layout import HEADERS as REPORT_HEADERS
from dicomweb.rendering.subjects import Subject
from dicomweb.settings import DicomWebSettings

_EDITION: Final = "1"
"""Counts changes of what is made of the same instance, so that entity tags change with it."""
_BURNED_IN: Final = "00280301"


@dataclass(frozen=True, slots=True)
class Work:
    """A file still to be made, and what is said with it."""

    make: Callable[[], bytes] = field(repr=False)
    media_type: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at, in which form; `whole` says that instances were asked for, and not frames of one."""

    subjects: Sequence[Subject]
    offer: Offer
    parsed: ParsedRendering
    whole: bool = True

    @property
    def tag(self) -> str:
        """The entity tag of the answer."""
        frames = [subject.frame_number for subject in self.subjects]
        named = f"{self.offer.name} {self.whole} {frames} {self.parsed.rendering.key}"
        return wado.entity_tag([subject.instance for subject in self.subjects], f"rendered {_EDITION} {named}")


def thumbnail_tag(subject: Subject, viewport: Viewport | None, media_type: str) -> str:
    """The entity tag of a thumbnail."""
    return wado.entity_tag([subject.instance], f"thumbnail {_EDITION} {subject.frame_number} {viewport!r} {media_type}")


class PictureService:
    """Plans answers (blocking) and makes what is missing for them."""

    def __init__(
        self, settings: DicomWebSettings, pool: DecoderPool, making: MakingRoom, cache: PictureCache | None = None
    ) -> None:
        self._chunk_bytes = settings.chunk_bytes
        self._renderer = Renderer(RenderingBounds(settings.max_decoded_bytes, settings.annotation_font), pool)
        self._cache = cache or MemoryCache(settings.picture_cache_bytes)
        self._limiter = CapacityLimiter(settings.concurrent_renderings)
        self._making = making

    async def serve(self, plan: Callable[[], Answer | Response | Work]) -> Response:
        """Plan in any worker thread; where a file must be made, make it in one of few."""
        planned = await to_thread.run_sync(plan)
        if isinstance(planned, Response):
            return planned
        if isinstance(planned, Answer):
            return await respond(lambda: planned)
        body = await to_thread.run_sync(planned.make, limiter=self._limiter)
        return Response(body, HTTPStatus.OK, planned.headers, media_type=planned.media_type)

    # -- blocking from here on

    def view(self, view: View, request: Request, base_url: str) -> Answer | Response | Work:
        """The answer to a view, its entity tag among the headers; of what is stored, the Range asked for.

        Raises:
            NotRenderableError: there is nothing to make it of.
        """
        first = view.subjects[0]
        headers = {"ETag": view.tag}
        if warnings := self._warnings(view):
            headers["Warning"] = warning_field(warnings, base_url)
        if first.kind is Kind.REPORT:
            headers |= REPORT_HEADERS
        if view.offer.multipart:
            boundary = new_boundary()
            chunks = guarded(multipart_chunks(boundary, self._parts(view, base_url)))
            return Answer(chunks, multipart_type(view.offer.media_type, boundary), headers)
        headers["Content-Location"] = location_of(base_url, first, whole=view.whole)
        source = self._source(first, view)
        if isinstance(source, MadeBytes):
            return self._made(view.tag, source.make, view.offer.media_type, headers)
        part = Part({**headers, "Content-Type": view.offer.media_type}, source)
        return answer_single(request, part, view.tag)

    def thumbnail(self, subject: Subject, viewport: Viewport | None, media_type: str, warning: str) -> Response | Work:
        """A small picture; `warning` is a Warning field, "" for none."""
        tag = thumbnail_tag(subject, viewport, media_type)
        headers = {"ETag": tag, **({"Warning": warning} if warning else {})}

        def make() -> bytes:
            if json.text(subject.members, _BURNED_IN).strip() == "YES":
                raise NotRenderableError("something is burned into the picture, and a thumbnail identifies nobody")
            return self._renderer.thumbnail_file(subject, viewport, media_type)

        return self._made(tag, make, media_type, headers)

    def _made(self, tag: str, make: Callable[[], bytes], media_type: str, headers: dict[str, str]) -> Response | Work:
        kept = self._cache.get(tag)
        if kept is not None:
            return Response(kept, HTTPStatus.OK, headers, media_type=media_type)
        return Work(lambda: self._kept(tag, make), media_type, headers)

    def _kept(self, tag: str, make: Callable[[], bytes]) -> bytes:
        """What was made meanwhile by somebody who asked for the same, or is made now."""
        kept = self._cache.get(tag)
        if kept is None:
            with self._making.taken():
                kept = make()
            self._cache.put(tag, kept)
        return kept

    def _source(self, subject: Subject, view: View) -> PartSource:
        rendering = view.parsed.rendering
        return source_of(subject, view.offer.media_type, rendering, self._renderer, self._chunk_bytes, whole=view.whole)

    def _parts(self, view: View, base_url: str) -> Iterator[Part]:
        """A part for each subject that can be shown, made when its turn comes."""
        for subject in view.subjects:
            try:
                source = self._source(subject, view)
                if isinstance(source, MadeBytes):
                    with self._making.taken():
                        data = source.make()
                    source = ReadyBytes(data)
            except NotRenderableError:
                if len(view.subjects) == 1:
                    raise
                continue  # the others are still worth seeing
            location = location_of(base_url, subject, whole=view.whole)
            yield Part({"Content-Type": view.offer.media_type, "Content-Location": location}, source)

    def _warnings(self, view: View) -> list[str]:
        warnings = list(view.parsed.warnings)
        rendering = view.parsed.rendering
        if view.offer.media_type not in PICTURES:
            if rendering != Rendering():
                warnings.append("Rendering parameters apply to pictures only.")
        elif len(view.subjects) == 1:
            subject = view.subjects[0]
            if rendering.window and (subject.kind is Kind.VIDEO or not subject.facts.is_grey):
                warnings.append("The window parameter applies to grey pictures only.")
            if not self._renderer.writing_on(subject, rendering).is_whole:
                warnings.append("Letters that the font lacks are written as question marks.")
        return warnings


@dataclass(frozen=True, slots=True)
class ReadyBytes:
    """Bytes that are there."""

    data: bytes = field(repr=False)

    @property
    def length(self) -> int:
        """How many they are."""
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        """All of them."""
        yield self.data


def warning_field(warnings: Sequence[str], base_url: str) -> str:
    """One Warning field of several texts (PS3.18 8.3.5, RFC 7234 5.5)."""
    return ", ".join(f'299 {base_url} "{text}"' for text in warnings)


def location_of(base_url: str, subject: Subject, *, whole: bool) -> str:
    """The URL of what is shown."""
    frames = "" if whole else f"/frames/{subject.frame_number}"
    return f"{base_url}{wado.instance_url(subject.instance)}{frames}/rendered"
