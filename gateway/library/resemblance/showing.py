"""How an answer's reference cases are shown: those that are there still, and that the reader may see."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Caller, Permission
from gateway.language import Language
from gateway.library.cases.facts import band_words
from gateway.library.cases.showing import picture_url, shown_site
from gateway.library.resemblance.answering import SHOWN
from gateway.library.tables import ReferenceCaseRow

EXAMPLES = "examples"
"""The member of a kept ranking that holds what `answering` found."""
ALIKE = 0.5
"""Cases that resemble a photo less are not shown as similar: the nearest of a disease may be unlike it, and a picture
beside an answer would make that disease look more likely than it is."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class LiveCase:
    """A case that may be shown, as far as an answer tells of it."""

    id: str
    kind: str
    sex: str | None
    age_band: int | None
    body_site: str | None


def live_cases(session: Session, caller: Caller, rankings: Collection[Mapping[str, Any]]) -> Mapping[str, LiveCase]:
    """By id, the cases that these kept rankings name, are not withdrawn, and that the caller may see."""
    return live_among(session, caller, {case["case"] for ranking in rankings for case in _named(ranking)})


def live_among(session: Session, caller: Caller, ids: Collection[str]) -> Mapping[str, LiveCase]:
    """By id, those of these cases that are not withdrawn, and that the caller may see."""
    if not caller.may(Permission.READ_LIBRARY):
        return {}
    asked = sorted(ids)
    found: dict[str, LiveCase] = {}
    for first in range(0, len(asked), _AT_ONCE):
        wanted = ReferenceCaseRow.id.in_(asked[first : first + _AT_ONCE])
        query = select(ReferenceCaseRow).where(wanted, ReferenceCaseRow.withdrawn_at.is_(None))
        if caller.hospitals is not None:
            query = query.where(ReferenceCaseRow.hospital_id.in_(caller.hospitals))
        found |= {row.id: _live(row) for row in session.scalars(query)}
    return found


def illustrated(
    ranking: Mapping[str, Any], code: str, live: Mapping[str, LiveCase], language: Language
) -> dict[str, Any]:
    """The members of a disease of a ranking that show it: a picture, and the cases that the photo resembles.

    The picture is of the nearest case, else the library's drawing.
    """
    kept = ranking.get(EXAMPLES, {}).get(code, {})
    there = [case for case in kept.get("cases", ()) if case["case"] in live]
    similar = [case for case in there if case["resemblance"] >= ALIKE][:SHOWN]
    pictured = [case for case in kept.get("pictured", ()) if case["case"] in live] or there
    return {
        "picture": _url(pictured[0]) if pictured else f"/api/v1/diseases/{code}/drawing",
        "picture_kind": "case" if pictured else "drawing",
        "similar": [_similar(case, live[case["case"]], language) for case in similar],
        "matched": kept["matched"] if similar else None,
    }


def _named(ranking: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    examples: Mapping[str, Any] = ranking.get(EXAMPLES, {})
    return [case for kept in examples.values() for case in (*kept.get("cases", ()), *kept.get("pictured", ()))]


def _live(row: ReferenceCaseRow) -> LiveCase:
    return LiveCase(row.id, row.kind, row.sex, row.age_band, row.body_site)


def _url(case: Mapping[str, Any]) -> str:
    return picture_url(case["case"], case["picture"])


def _similar(case: Mapping[str, Any], live: LiveCase, language: Language) -> dict[str, Any]:
    site = shown_site(live.body_site, language)
    return {
        "case": live.id,
        "picture": _url(case),
        "resemblance": case["resemblance"],
        "kind": live.kind,
        "sex": live.sex,
        "age_band": band_words(live.age_band),
        "body_site": None if site is None else site.model_dump(),
    }
