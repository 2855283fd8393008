"""Bodies of requests as they arrive: bounded in size, and in how long the next piece may take."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.requests import Request

from dicomweb.media_types import MediaType, MediaTypeError, parse_media_type
from dicomweb.problems import ProblemError


def check_announced_length(request: Request, limit: int) -> None:
    """Refuse a body that says itself that it is larger than `limit` bytes: ProblemError, 413."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)


def content_type(request: Request) -> MediaType:
    """What the body says it is; raises ProblemError 415 for a coded body and for what is no media type."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a coded body is not taken")
    try:
        return parse_media_type(request.headers.get("content-type", ""))
    except MediaTypeError:
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the Content-Type is no media type") from None


async def body_pieces(request: Request, *, max_bytes: int, idle_seconds: float) -> AsyncIterator[bytes]:
    """The pieces of the body as they arrive.

    Raises:
        ProblemError: 413 where it is too large, 408 where the next piece does not come.
    """
    received = 0
    pieces = request.stream()
    while True:
        try:
            async with asyncio.timeout(idle_seconds):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time") from None
        received += len(piece)
        if received > max_bytes:
            raise _too_large(max_bytes)
        yield piece


def _too_large(limit: int) -> ProblemError:
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {limit} bytes")
