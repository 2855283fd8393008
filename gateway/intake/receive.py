"""Reading a posted photo off the wire: bounded in size, time and number."""

import asyncio

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


async def receive_form(request: Request, max_photo_bytes: int, hold: Hold) -> PostedForm:
    """Read a whole form, taking room for it as it comes; raises Problem 400, 408, 413, 415, 422 or 503."""
    limit = max_photo_bytes + FORM_OVERHEAD_BYTES
    _check_announced_length(request, limit)
    try:
        reader = FormReader(request.headers.get("content-type", ""), max_photo_bytes)
        async with asyncio.timeout(WHOLE_SECONDS):
            await _read(request, reader, limit, hold)
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


async def _read(request: Request, reader: FormReader, limit: int, hold: Hold) -> None:
    received = 0
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        received += len(chunk)
        if received > limit:
            raise FormTooLarge(f"the request is larger than {limit} bytes")
        hold.add(len(chunk))
        if chunk:
            reader.feed(chunk)
