"""The log of events over HTTP: pages of JSON, or a stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from gateway.access.caller import Permission, Scope
from gateway.access.http import CallerDependency
from gateway.database import Database
from gateway.events.log import Event, EventType, read
from gateway.problems import problems

router = APIRouter(tags=["events"])

POLL_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 15
STREAM_SECONDS = 900
"""After this a stream ends and its reader, asking anew from the last number, shows its credential again."""
PAGE = 500

LastNumber = Annotated[int, Query(ge=0, le=2**63 - 1)]


class ShownEvent(BaseModel):
    """One event; `subject` is what it is about, such as `photo/<id>`."""

    model_config = ConfigDict(extra="forbid")

    number: int
    type: EventType
    at: datetime
    hospital: str
    subject: str
    data: dict[str, Any]


class EventPage(BaseModel):
    """One page of events; `next` is the `after` of the following one, `more` says whether it may hold any yet."""

    model_config = ConfigDict(extra="forbid")

    events: list[ShownEvent]
    next: int
    more: bool


_STREAM = {"text/event-stream": {"schema": {"type": "string"}}}


@router.get(
    "/events",
    responses={200: {"model": EventPage, "content": _STREAM}, **problems(401, 403, 422)},
)
async def get_events(
    *,
    request: Request,
    caller: CallerDependency,
    after: LastNumber = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    types: Annotated[list[EventType] | None, Query(alias="type")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**63 - 1)] = None,
) -> Response:
    """Events numbered above `after`, in order; with `Accept: text/event-stream` those and all that follow."""
    scope = caller.require_hospital_wide(Permission.READ_EVENTS)
    database: Database = request.app.state.database
    wanted = tuple(types or ())
    if "text/event-stream" in request.headers.get("accept", ""):
        start = after if last_event_id is None else last_event_id
        stopping: asyncio.Event = request.app.state.stopping
        stream = _stream(database, scope, start, wanted, stopping)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
    events = await run_in_threadpool(_page, database, scope, after, limit, wanted)
    document = {
        "events": [event_json(event) for event in events],
        "next": events[-1].number if events else after,
        "more": len(events) == limit,
    }
    return Response(orjson.dumps(document), media_type="application/json")


def event_json(event: Event) -> dict[str, Any]:
    """An event as readers get it."""
    return {
        "number": event.number,
        "type": event.type.value,
        "at": event.at.isoformat(),
        "hospital": event.hospital,
        "subject": event.subject,
        "data": event.data,
    }


def _page(database: Database, scope: Scope, after: int, limit: int, types: Sequence[EventType]) -> Sequence[Event]:
    with database.read() as session:
        return read(session, scope, after=after, limit=limit, types=types)


async def _stream(
    database: Database, scope: Scope, after: int, types: Sequence[EventType], stopping: asyncio.Event
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + STREAM_SECONDS
    silent_since = loop.time()
    yield b"retry: 1000\n\n"
    while loop.time() < ends_at and not stopping.is_set():
        events = await run_in_threadpool(_page, database, scope, after, PAGE, types)
        if events:
            after = events[-1].number
            silent_since = loop.time()
            yield b"".join(_frame(event) for event in events)
            continue
        if loop.time() - silent_since > KEEP_ALIVE_SECONDS:
            silent_since = loop.time()
            yield b": still here\n\n"
        await _pause(stopping)


async def _pause(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await stopping.wait()
    except TimeoutError:
        return


def _frame(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event.number,
        event.type.value.encode(),
        orjson.dumps(event_json(event)),
    )
