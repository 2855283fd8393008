"""Reading a posted photo off the wire: bounded in size, time and number."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from gateway.intake.form import FormError, FormReader, FormTooLarge, NotAForm, PostedForm
from gateway.intake.uploads import Hold, NoRoom
from gateway.problems import Problem

FORM_OVERHEAD_BYTES = 1024 * 1024
"""What a form may hold beside its photo."""
IDLE_SECONDS = 30
"""How long the next chunk of a body may take."""
WHOLE_SECONDS = 600
"""How long a whole body may take."""


_CLOSE = {"Connection": "close"}  # the rest of such a body is not waited for


VIDEO_CHUNK_BYTES = 1024 * 1024
"""So much of a video is gathered before it is written."""


class VideoSink(Protocol):
    """Where the bytes of a video go as they arrive."""

    def write(self, chunk: bytes) -> None:
        """Append; may take its time."""


async def receive_form(
    request: Request,
    max_photo_bytes: int,
    hold: Hold,
    *,
    max_video_bytes: int = 0,
    begin_video: Callable[[], VideoSink] | None = None,
) -> PostedForm:
    """Read a whole form, taking room for it as it comes; raises Problem 400, 408, 413, 415, 422 or 503.

    A video's bytes go to what `begin_video` gives; StorageError comes through from there.
    """
    limit = max(max_photo_bytes, max_video_bytes) + FORM_OVERHEAD_BYTES
    _check_announced_length(request, limit)
    try:
        reader = FormReader(request.headers.get("content-type", ""), max_photo_bytes, max_video_bytes)
        async with asyncio.timeout(WHOLE_SECONDS):
            await _read(request, reader, limit, _Holding(hold, begin_video))
        return reader.finish()
    except NotAForm as error:
        raise Problem(415, str(error)) from error
    except FormTooLarge as error:
        raise Problem(413, str(error)) from error
    except FormError as error:
        raise Problem(422, str(error)) from error
    except TimeoutError as error:
        raise Problem(408, "the body did not arrive in time", headers=_CLOSE) from error
    except NoRoom as error:
        raise Problem(503, str(error), headers={"Retry-After": "1", **_CLOSE}) from error
    except ClientDisconnect as error:
        raise Problem(400, "the sender left before the body was whole") from error


def _check_announced_length(request: Request, limit: int) -> None:
    announced = request.headers.get("content-length")
    if announced is not None and announced.isdecimal() and int(announced) > limit:
        raise Problem(413, f"the request is larger than {limit} bytes")


class _Holding:
    """What has arrived and is held: all of a photo, and of a video what is not written yet."""

    def __init__(self, hold: Hold, begin_video: Callable[[], VideoSink] | None) -> None:
        self._hold = hold
        self._begin_video = begin_video
        self._video: VideoSink | None = None

    def add(self, count: int) -> None:
        self._hold.add(count)

    async def write_video(self, reader: FormReader, at_least: int) -> None:
        """Write what has been gathered of the video, once it is enough."""
        chunk = reader.take_video(at_least)
        if not chunk or self._begin_video is None:
            return
        if self._video is None:
            self._video = await run_in_threadpool(self._begin_video)
        await run_in_threadpool(self._video.write, chunk)
        self._hold.let_go(len(chunk))


async def _read(request: Request, reader: FormReader, limit: int, holding: _Holding) -> None:
    received = 0
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(stream)
        except StopAsyncIteration:
            if reader.is_video:
                await holding.write_video(reader, 1)
            return
        received += len(chunk)
        if received > limit:
            raise FormTooLarge(f"the request is larger than {limit} bytes")
        holding.add(len(chunk))
        if chunk:
            reader.feed(chunk)
        if reader.is_video:
            await holding.write_video(reader, VIDEO_CHUNK_BYTES)
