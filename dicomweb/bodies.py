"""Bodies made by blocking iterators of bytes, sent without holding up the event loop.

A short body is made in one visit to a worker thread and sent whole; a long one is made and sent piece by piece.
"""

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from dicomweb.archive import Span
from dicomweb.at_once import ShortWay, goes_on, takes_longer

Chunks = Generator[bytes, None, None]

WHOLE_BYTES = 1024 * 1024
"""A body of fewer bytes is made in one go and sent whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response still to be sent: `chunks` blocks, `length` is its total in bytes where that is known.

    `status` is that of an answer with a body: 200, or 206 for a part.
    """

    chunks: Chunks
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    status: int = 200


_BY_WORKER = ShortWay(None)


async def respond(make: Callable[[], Answer | Response], way: ShortWay = _BY_WORKER) -> Response:
    """Make an answer, together with its first megabyte, and a response of it; in a worker thread, or as `way` has it.

    `make` changes nothing, and may be called twice.
    """
    answer, first, is_whole = await way.run(_begin, make)
    if isinstance(answer, Response):
        return answer
    if is_whole:
        return Response(b"".join(first), answer.status, answer.headers, media_type=answer.media_type)
    headers = dict(answer.headers)
    if answer.length is not None:
        headers["Content-Length"] = str(answer.length)
    return StreamingResponse(_stream(first, answer.chunks), answer.status, headers, media_type=answer.media_type)


def _begin(make: Callable[[], Answer | Response]) -> tuple[Answer | Response, list[bytes], bool]:
    answer = make()
    if isinstance(answer, Response):
        return answer, [], True
    first, is_whole = _take(answer.chunks)
    if not is_whole:
        takes_longer()
    return answer, first, is_whole


def _take(chunks: Iterator[bytes]) -> tuple[list[bytes], bool]:
    """The next chunks up to about a megabyte, and whether there are no more."""
    taken: list[bytes] = []
    size = 0
    for chunk in chunks:
        goes_on()
        taken.append(chunk)
        size += len(chunk)
        if size >= WHOLE_BYTES:
            return taken, False
    return taken, True


async def _stream(first: Iterable[bytes], rest: Chunks) -> AsyncIterator[bytes]:
    with closing(rest):  # a client that goes away must not leave files open
        for chunk in first:
            yield chunk
        is_last = False
        while not is_last:
            taken, is_last = await to_thread.run_sync(_take, rest)
            for chunk in taken:
                yield chunk


def read_file(file: BinaryIO, spans: Iterable[Span], chunk_bytes: int) -> Chunks:
    """The bytes of several spans of a file in pieces; the file is closed at the end.

    Raises:
        EOFError: the file is shorter than a span says.
    """
    with closing(file):
        for span in spans:
            yield from _read_span(file, span, chunk_bytes)


def _read_span(file: BinaryIO, span: Span, chunk_bytes: int) -> Chunks:
    file.seek(span.offset)
    left = span.length
    while left:
        chunk = file.read(min(left, chunk_bytes))
        if not chunk:
            raise EOFError("a stored file is shorter than its index says")
        left -= len(chunk)
        yield chunk
