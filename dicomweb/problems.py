"""Problem documents (RFC 9457): how every fault of a request is told."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import InstanceGoneError
from dicomweb.media_types import MediaTypeError
from dicomweb.negotiation import NotAcceptableError
from dicomweb.query import QueryError

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """A request that cannot be answered; `detail` says what is wrong and where, without identity."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem_response(status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """A problem document with this status; `members` are added to it as they are (RFC 9457 3.2)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **members}
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type=MEDIA_TYPE)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_response(error.status, error.detail)


async def _http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(error.status_code, error.detail, error.headers)


async def _bad_request(_request: Request, error: Exception) -> Response:
    return problem_response(HTTPStatus.BAD_REQUEST, str(error))


async def _not_acceptable(_request: Request, error: Exception) -> Response:
    return problem_response(HTTPStatus.NOT_ACCEPTABLE, str(error))


async def _gone(_request: Request, _error: Exception) -> Response:
    return problem_response(HTTPStatus.GONE, "the instance was deleted while it was being read")


HANDLERS = {
    HTTPException: _http_exception,
    InstanceGoneError: _gone,
    MediaTypeError: _bad_request,
    NotAcceptableError: _not_acceptable,
    ProblemError: _problem,
    QueryError: _bad_request,
}
"""Exception class -> handler, for Starlette."""
