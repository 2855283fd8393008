"""A video of the library as a response: read while it is sent, in part where a player asks for a part."""

from collections.abc import Iterator
from typing import BinaryIO

from fastapi.responses import StreamingResponse
from starlette.responses import Response

from dicomweb.ranges import ByteRange, UnsatisfiableError, parse_range
from gateway.archive.storage import ObjectStorage
from gateway.library.cases.pictures import VIDEO_TYPE
from gateway.problems import Problem

_CHUNK_BYTES = 256 * 1024


def stored_video(storage: ObjectStorage, key: str, asked: str | None) -> Response:
    """The video of this key, or the range of it that a `Range` field asks for (RFC 9110 14).

    Raises UnknownObject, and Problem 416 for a range that it does not have.
    """
    total = storage.size(key)
    try:
        part = None if asked is None else parse_range(asked, total)
    except UnsatisfiableError as error:
        raise Problem(416, str(error), headers={"Content-Range": f"bytes */{total}"}) from error
    whole = ByteRange(0, total - 1)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=60",
        "Content-Length": str((part or whole).length),
        "X-Content-Type-Options": "nosniff",
    }
    if part is not None:
        headers["Content-Range"] = part.content_range(total)
    body = _read(storage.open(key), part or whole)
    return StreamingResponse(body, 200 if part is None else 206, headers, VIDEO_TYPE)


def _read(stream: BinaryIO, part: ByteRange) -> Iterator[bytes]:
    with stream:
        stream.seek(part.first)
        left = part.length
        while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk
