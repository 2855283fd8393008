"""Answers of a retrieve: parts as a multipart body, or one as the body, or a range of that one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from dicomweb.bodies import Answer, Chunks
from dicomweb.frame_decoding import TranscodingError
from dicomweb.multipart import multipart_type, new_boundary
from dicomweb.negotiation import NotAcceptableError, Offer
from dicomweb.parts import Part, StoredBytes, multipart_chunks, multipart_length
from dicomweb.problems import problem_response
from dicomweb.ranges import ByteRange, UnsatisfiableError, cut, if_range_holds, parse_range


def answer_parts(request: Request, parts: Sequence[Part], offer: Offer, tag: str) -> Answer | Response:
    """The parts as a multipart body, or the only part as the body, whichever was chosen."""
    if not offer.multipart:
        return answer_single(request, parts[0], tag)
    boundary = new_boundary()
    media_type = multipart_type(offer.media_type, boundary)
    length = multipart_length(boundary, parts)
    return Answer(guarded(multipart_chunks(boundary, parts)), media_type, {"ETag": tag}, length)


def answer_single(request: Request, part: Part, tag: str) -> Answer | Response:
    """The part as the whole body; of stored bytes, those that a Range asks for."""
    headers = {**part.headers, "ETag": tag}
    media_type = headers.pop("Content-Type")
    source = part.source
    if not isinstance(source, StoredBytes):
        return Answer(guarded(source.chunks()), media_type, headers, source.length)
    headers["Accept-Ranges"] = "bytes"
    try:
        wanted = _wanted(request, source.length, tag)
    except UnsatisfiableError as error:
        unsatisfied = {"Content-Range": f"bytes */{source.length}", "Accept-Ranges": "bytes"}
        return problem_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, str(error), unsatisfied)
    if wanted is None:
        return Answer(guarded(source.chunks()), media_type, headers, source.length)
    headers["Content-Range"] = wanted.content_range(source.length)
    piece = replace(source, spans=cut(source.spans, wanted))
    return Answer(guarded(piece.chunks()), media_type, headers, piece.length, HTTPStatus.PARTIAL_CONTENT)


def guarded(chunks: Iterator[bytes]) -> Chunks:
    """Before anything is sent, what cannot be decoded is an answer that is not acceptable."""
    try:
        yield from chunks
    except TranscodingError as error:
        raise NotAcceptableError(str(error)) from error


def _wanted(request: Request, total: int, tag: str) -> ByteRange | None:
    header = request.headers.get("range")
    if request.method != "GET" or header is None or not if_range_holds(request.headers.get("if-range"), tag):
        return None
    return parse_range(header, total)
