"""QIDO-RS over HTTP: `GET /studies`, `/series`, `/instances` and those below a study or series."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import Level
from dicomweb.at_once import ShortWay, takes_longer
from dicomweb.contexts import METADATA_OFFERS, Context, path_uid, query_string
from dicomweb.multipart import multipart_type, new_boundary
from dicomweb.negotiation import Offer, choose
from dicomweb.qido import search_body, search_items, search_warnings
from dicomweb.query import ParsedQuery, PathKeys, parse_query
from dicomweb.routing import Endpoint
from dicomweb.settings import DicomWebSettings
from dicomweb.xml.parts import xml_chunks

_MOST_PARSED = 128
_LONGEST_REMEMBERED = 512
"""Characters of a query; viewers' are shorter, and a longer one may hold thousands of values."""


def search_endpoint(context: Context, level: Level) -> Endpoint:
    """The endpoint that searches at `level`."""
    way = ShortWay(context.turn)
    parsed = _parser(context.settings, level)

    async def search(request: Request) -> Response:
        offer = choose(context.accepted(request), METADATA_OFFERS)
        path = PathKeys(path_uid(request, "study"), path_uid(request, "series"))
        query = parsed(query_string(request), path)
        base_url = context.base_url(request)
        body, media_type, warnings = await way.run(_answer, context, request, query, base_url, offer)
        status = HTTPStatus.OK if body else HTTPStatus.NO_CONTENT
        response = Response(body, status, media_type=media_type if body else None)
        for warning in warnings:
            response.headers.append("Warning", warning)
        return response

    return search


def _parser(settings: DicomWebSettings, level: Level) -> Callable[[str, PathKeys], ParsedQuery]:
    """Viewers ask for the same lists again and again: what was parsed is remembered, and never changed.

    It is remembered whoever asked, permitted or not: so the memory it takes is bounded.
    """

    def parse(text: str, path: PathKeys) -> ParsedQuery:
        return parse_query(
            text,
            level,
            path,
            default_limit=settings.default_limit,
            max_limit=settings.max_limit,
            matchable=settings.matchable_keys,
        )

    remembering = lru_cache(maxsize=_MOST_PARSED)(parse)

    def parsed(text: str, path: PathKeys) -> ParsedQuery:
        return (remembering if len(text) <= _LONGEST_REMEMBERED else parse)(text, path)

    return parsed


def _answer(
    context: Context, request: Request, query: ParsedQuery, base_url: str, offer: Offer
) -> tuple[bytes, str, Sequence[str]]:
    """The body, empty where nothing matched, its media type, and the warnings. Blocking."""
    matches = context.archive_for(request).search(query.search)
    warnings = search_warnings(query.warnings, matches, query.search, base_url)
    if not matches.items:
        return b"", offer.media_type, warnings
    if offer.multipart:
        takes_longer()
        boundary = new_boundary()
        items = search_items(matches, query.search.level, base_url)
        return b"".join(xml_chunks(items, boundary)), multipart_type(offer.media_type, boundary), warnings
    return search_body(matches, query.search.level, base_url), offer.media_type, warnings
