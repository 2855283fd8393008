"""STOW-RS over HTTP: `POST /studies` and `POST /studies/{study}`."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Any, Protocol

import orjson
from anyio import CancelScope, to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import StoreOutcome
from dicomweb.at_once import ShortWay
from dicomweb.contexts import JSON_OFFERS, Context, path_uid
from dicomweb.media_types import MediaType
from dicomweb.multipart import (
    Event,
    MultipartError,
    MultipartParser,
    MultipartTooLargeError,
    PartBegin,
    PartData,
    PartEnd,
)
from dicomweb.negotiation import DICOM, MULTIPART, Offer, choose
from dicomweb.problems import ProblemError, problem_response
from dicomweb.request_bodies import body_pieces, check_announced_length, content_type
from dicomweb.settings import DicomWebSettings
from dicomweb.storing.documents import METADATA_TYPES
from dicomweb.storing.intake import Arrival, StoreIntake
from dicomweb.stow import store_problems, store_response, store_status
from dicomweb.xml.names import MEDIA_TYPE as XML
from dicomweb.xml.writing import to_xml

_BATCH_BYTES = 1024 * 1024
_MAX_WARNINGS = 10
_OFFERS = (*JSON_OFFERS, Offer(XML))
_PART_TYPES = frozenset({DICOM, *METADATA_TYPES})


class _BodyParser(Protocol):
    def feed(self, data: bytes) -> list[Event]: ...
    def finish(self) -> list[Event]: ...


class _SinglePart:
    """A body that is one part: a Part 10 file, or metadata that refers to no bulk data."""

    def __init__(self) -> None:
        self._begun = False

    def feed(self, data: bytes) -> list[Event]:
        begin: list[Event] = [] if self._begun else [PartBegin({})]
        self._begun = True
        return [*begin, PartData(data)]

    def finish(self) -> list[Event]:
        return [PartEnd()] if self._begun else []


class _Multipart:
    """A multipart body."""

    def __init__(self, boundary: str, max_parts: int) -> None:
        self._parser = MultipartParser(boundary, max_parts=max_parts)

    def feed(self, data: bytes) -> list[Event]:
        return self._parser.feed(data)

    def finish(self) -> list[Event]:
        self._parser.finish()
        return []


def store_endpoint(context: Context) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The endpoint that stores instances."""
    way = ShortWay(context.turn)

    async def store(request: Request) -> Response:
        offer = choose(context.accepted(request), _OFFERS)
        study = path_uid(request, "study")
        check_announced_length(request, context.settings.max_store_bytes)
        media_type = content_type(request)
        parser = _body_parser(media_type, context.settings)
        arrival = Arrival(
            _part_type(media_type), f"{context.base_url(request)}/studies/", study, context.settings.max_metadata_bytes
        )
        archive = await way.run(context.archive_for, request)
        outcomes = await _take(request, StoreIntake(archive, arrival), parser, context.settings)
        return _respond(outcomes, context.base_url(request), study, offer)

    return store


def _body_parser(media_type: MediaType, settings: DicomWebSettings) -> _BodyParser:
    """The parser for a body of this type.

    Raises:
        ProblemError: 415, or 400 for a multipart type without a usable boundary.
    """
    is_multipart = media_type.essence == MULTIPART
    if _part_type(media_type) not in _PART_TYPES:
        known = ", ".join(sorted(_PART_TYPES))
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"stored is {MULTIPART} of one of these, or one: {known}")
    if not is_multipart:
        return _SinglePart()
    try:
        return _Multipart(media_type.get("boundary") or "", settings.max_store_parts)
    except MultipartError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None


def _part_type(media_type: MediaType) -> str:
    """What the request says its parts are; clients leave that away though RFC 2387 requires it."""
    if media_type.essence != MULTIPART:
        return media_type.essence
    return (media_type.get("type") or DICOM).lower()


async def _take(
    request: Request, intake: StoreIntake, parser: _BodyParser, settings: DicomWebSettings
) -> Sequence[StoreOutcome]:
    """Everything of the body stored, or nothing."""
    try:
        pieces = body_pieces(request, max_bytes=settings.max_store_bytes, idle_seconds=settings.idle_seconds)
        last = await _receive(pieces, intake, parser)
        return await to_thread.run_sync(_commit, intake, last)
    except BaseException:
        with CancelScope(shield=True):
            await to_thread.run_sync(intake.abort)
        raise


def _commit(intake: StoreIntake, last: Sequence[Event]) -> Sequence[StoreOutcome]:
    intake.apply(last)
    return intake.commit()


def _respond(outcomes: Sequence[StoreOutcome], base_url: str, study: str | None, offer: Offer) -> Response:
    status = store_status(outcomes)
    if not outcomes:
        return problem_response(status, "the body holds no part")
    told = store_response(outcomes, base_url, study)
    body = to_xml(told) if offer.media_type == XML else orjson.dumps(told)
    response = Response(body, status, {"Content-Type": offer.media_type})
    for text in store_problems(outcomes)[:_MAX_WARNINGS]:
        response.headers.append("Warning", f'299 {base_url} "{_quotable(text)}"')
    return response


async def _receive(chunks: AsyncIterator[bytes], intake: StoreIntake, parser: _BodyParser) -> Sequence[Event]:
    """Parse the body as it arrives and hand it to the archive, about a megabyte a visit to a worker thread.

    Returns what of it is still to be handed over.
    """
    pending: list[Event] = []
    waiting = 0
    try:
        async for chunk in chunks:
            if chunk:
                pending += parser.feed(chunk)
            waiting += len(chunk)
            if waiting >= _BATCH_BYTES:
                await to_thread.run_sync(intake.apply, pending)
                pending, waiting = [], 0
        pending += parser.finish()
    except MultipartTooLargeError as error:
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
    except MultipartError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None
    return pending


def _quotable(text: str) -> str:
    """Text fit for a quoted string in a header."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "'" for char in text)[:300]
