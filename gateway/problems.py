"""Problem documents: how every error of the HTTP side is told (RFC 9457)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.problems import MEDIA_TYPE, problem_response
from gateway.wording import field_of, words_of

__all__ = [
    "MEDIA_TYPE",
    "Handler",
    "Problem",
    "ProblemDocument",
    "domain_error",
    "install",
    "problem_response",
    "problems",
]

Handler = Callable[[Request, Exception], Awaitable[Response]]


class Problem(HTTPException):
    """An error that knows its HTTP status; `members` are added to the document as they are.

    `detail` says what was wrong and where, in words, and never repeats patient identity.
    """

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.members = members


class Fault(BaseModel):
    """One field that cannot be used as it is."""

    field: str
    fault: str


class ProblemDocument(BaseModel):
    """How every error is told (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="what was wrong, in words; never what was sent")
    code: str | None = Field(default=None, description="a stable name of what is wrong with a picture")
    errors: list[Fault] | None = Field(default=None, description="each field that cannot be used")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers these statuses with a problem document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def install(app: FastAPI, statuses: Mapping[type[Exception], int]) -> None:
    """Render problems, HTTP exceptions, refused parameters and the domain errors of `statuses`."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _refused_parameters)
    for error, status in statuses.items():
        app.add_exception_handler(error, domain_error(status))


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error.status_code, error.detail, headers=error.headers, **error.members)


async def _http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(error.status_code, str(error.detail), headers=error.headers)


async def _refused_parameters(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The refused value itself is left out: it may be a name.
    faults = [{"field": field_of(fault, skipping=1) or "body", "fault": words_of(fault)} for fault in _details(error)]
    return problem_response(422, "the request cannot be used as it is", errors=faults)


def _details(error: RequestValidationError) -> Sequence[ErrorDetails]:
    details: Sequence[ErrorDetails] = error.errors()
    return details


def domain_error(status: int) -> Handler:
    """A handler that tells a domain error with this status, in the error's own words."""

    async def handle(_request: Request, error: Exception) -> Response:
        return problem_response(status, str(error) or type(error).__doc__ or "")

    return handle
