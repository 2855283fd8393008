"""Requests that are only to be answered where the client has not the answer already (RFC 9110 13)."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response


def is_known(request: Request, entity_tag: str) -> bool:
    """Whether If-None-Match names this representation (RFC 9110 13.1.2)."""
    known = ", ".join(request.headers.getlist("if-none-match"))  # several fields are one list (RFC 9110 5.3)
    return known.strip() == "*" or entity_tag in (one.strip().removeprefix("W/") for one in known.split(","))


def not_modified(entity_tag: str) -> Response:
    """The answer to a client that has this representation."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": entity_tag})
