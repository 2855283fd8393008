"""Requests and answers that carry data sets, in JSON or XML: what every service beside the studies does alike."""

from collections.abc import Sequence
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import JsonObject, Level, Matches, Search
from dicomweb.contexts import JSON_OFFERS, METADATA_OFFERS, Context, query_string
from dicomweb.multipart import multipart_type, new_boundary
from dicomweb.negotiation import Offer, choose
from dicomweb.problems import ProblemError
from dicomweb.qido import search_warnings
from dicomweb.query import ParsedQuery, PathKeys, parse_query
from dicomweb.request_bodies import body_pieces, check_announced_length, content_type
from dicomweb.services.data_sets import DATA_SET_TYPES, DataSetError, read_data_set
from dicomweb.xml.names import MEDIA_TYPE as XML
from dicomweb.xml.parts import xml_chunks
from dicomweb.xml.writing import to_xml

ONE_OFFERS: Sequence[Offer] = (*JSON_OFFERS, Offer(XML))
"""Of a single data set."""


async def received_data_set(request: Request, context: Context) -> JsonObject:
    """The data set in the request's body.

    Raises:
        ProblemError: 400, 408, 413, 415.
    """
    media_type = content_type(request).essence
    if media_type not in DATA_SET_TYPES:
        known = ", ".join(sorted(DATA_SET_TYPES))
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a data set comes as one of these: {known}")
    body = await received_body(request, context)
    try:
        return read_data_set(media_type, body)
    except DataSetError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None


async def received_optional_data_set(request: Request, context: Context) -> JsonObject:
    """The data set in the request's body, an empty one where there is no body; raises as `received_data_set`."""
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return {}
    return await received_data_set(request, context)


async def received_body(request: Request, context: Context) -> bytes:
    """The whole body; raises ProblemError 408, 413."""
    limit = context.settings.max_data_set_bytes
    check_announced_length(request, limit)
    pieces = body_pieces(request, max_bytes=limit, idle_seconds=context.settings.idle_seconds)
    return b"".join([piece async for piece in pieces])


def one_data_set(members: JsonObject, offer: Offer) -> Response:
    """One data set as chosen, in JSON without an array around it."""
    return Response(to_xml(members) if offer.media_type == XML else orjson.dumps(members), media_type=offer.media_type)


def several_data_sets(items: Sequence[JsonObject], offer: Offer) -> Response:
    """Data sets as chosen, 204 where there is none."""
    if not items:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if offer.multipart:
        boundary = new_boundary()
        return Response(b"".join(xml_chunks(items, boundary)), media_type=multipart_type(offer.media_type, boundary))
    return Response(orjson.dumps(items), media_type=offer.media_type)


def asked(request: Request, context: Context) -> tuple[Offer, ParsedQuery]:
    """How a search wants its answer, and what it asks for; its level says nothing here."""
    offer = choose(context.accepted(request), METADATA_OFFERS)
    settings = context.settings
    query = parse_query(
        query_string(request),
        Level.STUDY,
        PathKeys(),
        default_limit=settings.default_limit,
        max_limit=settings.max_limit,
    )
    return offer, query


def told(matches: Matches, offer: Offer, query: ParsedQuery, base_url: str) -> Response:
    """The answer to a search with its warnings."""
    response = several_data_sets(matches.items, offer)
    add_warnings(response, search_warnings(query.warnings, matches, query.search, base_url))
    return response


def add_warnings(response: Response, warnings: Sequence[str]) -> None:
    """Add Warning fields."""
    for warning in warnings:
        response.headers.append("Warning", warning)


def cut(members: JsonObject, search: Search, always: frozenset[int]) -> JsonObject:
    """What a search returns of a data set: what it returns always, and what was asked for."""
    if search.include is None:
        return members
    wanted = always | search.include
    return {tag: element for tag, element in members.items() if int(tag, 16) in wanted}
