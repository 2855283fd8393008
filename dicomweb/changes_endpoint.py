"""The feed of changes over HTTP, for those who synchronise by pulling: `GET /changes?after=N&limit=M`.

No part of PS3.18: `{"changes": [{"number", "at", "change", "study_instance_uid", "series_instance_uid",
"sop_instance_uid", "sha256"}], "next", "more"}`, where `next` is the `after` of the following request.
"""

import re

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from dicomweb.archive import Change, Changes
from dicomweb.contexts import Context, query_string
from dicomweb.negotiation import Offer, choose
from dicomweb.query import QueryError, parameters
from dicomweb.routing import Endpoint

_OFFERS = (Offer("application/json"),)
_DEFAULT_LIMIT = 100
_MAX_LIMIT = 1000
_NUMBER = re.compile(r"[0-9]{1,18}")


def changes_endpoint(context: Context) -> Endpoint:
    """The endpoint that tells what changed."""

    async def changes(request: Request) -> Response:
        choose(context.accepted(request), _OFFERS)
        asked = dict(parameters(query_string(request)))
        after = _number(asked, "after", 0)
        limit = _number(asked, "limit", _DEFAULT_LIMIT)
        if not 1 <= limit <= _MAX_LIMIT:
            raise QueryError(f"limit is from 1 to {_MAX_LIMIT}")
        page = await to_thread.run_sync(lambda: context.archive_for(request).changes(after, limit))
        return Response(orjson.dumps(_document(page)), media_type=_OFFERS[0].media_type)

    return changes


def _number(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text):
        raise QueryError(f"{name} is a number from 0")
    return int(text)


def _document(page: Changes) -> dict[str, object]:
    return {"changes": [_shown(change) for change in page.items], "next": page.following, "more": page.more}


def _shown(change: Change) -> dict[str, object]:
    return {
        "number": change.number,
        "at": change.at.isoformat(),
        "change": change.kind.value,
        "study_instance_uid": change.study_instance_uid,
        "series_instance_uid": change.series_instance_uid,
        "sop_instance_uid": change.sop_instance_uid,
        "sha256": change.sha256,
    }
