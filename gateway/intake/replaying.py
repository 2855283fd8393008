"""The answer that the same request got before: the same, but without reference cases that may not be shown any more."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.access.caller import Caller
from gateway.database import Database
from gateway.intake.idempotency import EarlierAnswer
from gateway.intake.outcome import Answer
from gateway.library.resemblance.replaying import named_in, without_others
from gateway.library.resemblance.showing import live_among


def earlier(database: Database, caller: Caller, answered: EarlierAnswer) -> Answer:
    """What was answered under an Idempotency-Key, to the byte where all its reference cases may be shown still."""
    document: dict[str, Any] = orjson.loads(answered.body)
    ranking: Mapping[str, Any] | None = document.get("ranking")
    named = frozenset() if ranking is None else named_in(ranking)
    body = answered.body
    if ranking is not None and named:
        with database.read() as session:
            live = live_among(session, caller, named)
        if live.keys() != named:
            body = orjson.dumps({**document, "ranking": without_others(ranking, live)})
    return Answer(answered.status, body, document["id"])
