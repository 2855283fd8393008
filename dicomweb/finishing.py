"""What every answer is given on its way out: how it may be kept, and gzip where that pays (RFC 9110 8.4, 12.5.3)."""

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEVEL: Final = 2
_LEAST_BYTES: Final = 1024
_AT_ONCE_BYTES: Final = 32 * 1024
"""What is longer is compressed in a worker thread."""
_GZIP_CONTAINER: Final = 31
# Pictures and objects are left alone: most are compressed already, and clients want ranges of them.
_TEXT: Final = re.compile(
    rb"(application/(\S+\+)?(json|xml)|text/\w+)\b|multipart/related;.*\+(xml|json)\"", re.IGNORECASE
)
_BY_ACCEPT: Final = b"Accept"
_BY_BOTH: Final = b"Accept, Accept-Encoding"
_KEPT_PRIVATELY: Final = ((b"cache-control", b"private, no-cache"), (b"x-content-type-options", b"nosniff"))
_WEIGHT: Final = re.compile(r"\s*([a-z*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)

Field = tuple[bytes, bytes]
"""Name, in lower case, and value of a header field."""


class Finishing:
    """ASGI middleware.

    Answers hold what is a patient's: no shared cache keeps them, and a client asks anew whether its copy still
    stands. They differ by Accept and, where they are text, by Accept-Encoding. A gzip-coded answer has a weak entity
    tag, since its bytes are not those of the other one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and finish its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Finish(Headers(scope=scope), send))


class _Finish:
    """`send` for one answer; the head waits for the first piece of the body, which tells whether gzip pays."""

    def __init__(self, request: Headers, send: Send) -> None:
        self._request = request
        self._send = send
        self._head: Message | None = None
        self._coder: Coder | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head is None:
            await self._send(await self._coded(message))
            return
        head, self._head = self._head, None
        headers, self._coder = _finished(self._request, head["status"], head.get("headers", ()), _pays(message))
        coded = await self._coded(message)
        if self._coder is not None and not coded.get("more_body"):
            headers.append(_length(coded["body"]))
        await self._send({**head, "headers": headers})
        await self._send(coded)

    async def _coded(self, message: Message) -> Message:
        if self._coder is None:
            return message
        is_last = not message.get("more_body", False)
        return {**message, "body": await _code(self._coder, message.get("body", b""), is_last)}


async def finished_whole(request: Headers, response: Response) -> tuple[list[Field], bytes]:
    """Header fields and body with which an answer that is whole goes out; the same as `Finishing` sends."""
    body = bytes(response.body)
    headers, coder = _finished(request, response.status_code, response.raw_headers, len(body) >= _LEAST_BYTES)
    if coder is not None:
        body = await _code(coder, body, True)
        headers.append(_length(body))
    return headers, body


def _finished(
    request: Headers, status: int, headers: Iterable[Field], pays: bool
) -> tuple[list[Field], "Coder | None"]:
    """The header fields, without a length where the body is to be coded, and what codes it."""
    raw = list(headers)
    fields = dict(raw)
    raw += [field for field in _KEPT_PRIVATELY if field[0] not in fields]
    is_known = status == HTTPStatus.NOT_MODIFIED
    is_text = _TEXT.match(fields.get(b"content-type", b"")) is not None
    _vary(raw, fields, _BY_BOTH if is_known or is_text else _BY_ACCEPT)
    if is_known:
        _name_what_the_client_has(request, MutableHeaders(raw=raw))
    elif is_text and pays and accepts_gzip(request.get("accept-encoding", "")):
        _say_that_it_is_coded(MutableHeaders(raw=raw))
        return raw, _gzip()
    return raw, None


def _name_what_the_client_has(request: Headers, headers: MutableHeaders) -> None:
    """A client that has the coded answer knows it by the weak tag."""
    weak = f"W/{headers.get('etag', '')}"
    if weak in request.get("if-none-match", ""):
        headers["ETag"] = weak


async def _code(coder: "Coder", body: bytes, is_last: bool) -> bytes:
    if len(body) > _AT_ONCE_BYTES:
        return await to_thread.run_sync(coder, body, is_last)
    return coder(body, is_last)


def _length(body: bytes) -> Field:
    return b"content-length", str(len(body)).encode()


def _vary(raw: list[Field], fields: Mapping[bytes, bytes], by: bytes) -> None:
    if b"vary" in fields:
        MutableHeaders(raw=raw).add_vary_header(by.decode("latin-1"))
    else:
        raw.append((b"vary", by))


Coder = Callable[[bytes, bool], bytes]
"""Codes the next piece of a body; the second argument says that it is the last."""


def _gzip() -> Coder:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_CONTAINER)

    def code(body: bytes, is_last: bool) -> bytes:
        coded = compressor.compress(body)
        return coded + compressor.flush() if is_last else coded

    return code


def _pays(first: Message) -> bool:
    return bool(first.get("more_body")) or len(first.get("body", b"")) >= _LEAST_BYTES


def _say_that_it_is_coded(headers: MutableHeaders) -> None:
    headers["Content-Encoding"] = "gzip"
    del headers["Content-Length"]
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding field takes gzip, and no less gladly than no coding at all."""
    weights: dict[str, float] = {}
    for entry in header.split(",")[:32]:
        match = _WEIGHT.fullmatch(entry)
        if match is not None:
            weights[match[1].lower()] = float(match[2] or 1)
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)
