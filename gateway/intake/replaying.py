"""The answer that the same request got before: the same, but without reference cases that may not be shown any more."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.access.caller import Caller
from gateway.database import Database
from gateway.intake.idempotency import EarlierAnswer
from gateway.intake.outcome import Answer
from gateway.intake.tables import SubmissionRow
from gateway.language import Language
from gateway.library.resemblance.showing import LiveCase, illustrated, live_cases


class PhotoGone(Exception):
    """The photo that was posted under this Idempotency-Key was deleted since."""


def earlier(database: Database, caller: Caller, answered: EarlierAnswer, language: Language) -> Answer:
    """What was answered under an Idempotency-Key, to the byte where the same reference cases may be shown still.

    Others are described in `language`. Raises PhotoGone.
    """
    document: dict[str, Any] = orjson.loads(answered.body)
    with database.read() as session:
        row = session.get(SubmissionRow, document["id"])
        if row is None:
            raise PhotoGone("the photo that was posted under this Idempotency-Key was deleted since")
        shown, kept = document.get("ranking"), row.ranking
        if not shown or not kept:
            return Answer(answered.status, answered.body, row.id)
        live = live_cases(session, caller, [kept])
    document["ranking"] = _as_now(shown, kept, live, language)
    return Answer(answered.status, orjson.dumps(document), row.id)


def _as_now(
    shown: Mapping[str, Any], kept: Mapping[str, Any], live: Mapping[str, LiveCase], language: Language
) -> dict[str, Any]:
    """The ranking that was shown, with what illustrates its diseases chosen as for a look at the photo now."""
    diseases = [
        # A disease that the library did not know had no picture.
        {**disease, **illustrated(kept, disease["code"], live, language)} if "picture" in disease else disease
        for disease in shown["diseases"]
    ]
    return {**shown, "diseases": diseases}
