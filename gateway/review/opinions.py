"""Opinions: what dermatologists said of cases. All of them are kept, and the newest is shown."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.language import Language
from gateway.library.diseases import diseases
from gateway.review.tables import OpinionRow


@dataclass(frozen=True, slots=True)
class Said:
    """What a dermatologist says: `doctor` a PN, `diagnoses` slugs of diseases, likeliest first."""

    doctor: str
    organization: str
    diagnoses: Sequence[str]
    comment: str


@dataclass(frozen=True, slots=True)
class GivenOpinion:
    """An opinion as it is kept; `report` is the JSON of the archived object, None where none was made."""

    id: str
    case_id: str
    said: Said
    given_at: datetime
    report: Mapping[str, str] | None


def keyed_id(caller_id: str, idempotency_key: str) -> str:
    """The id of what a caller says under an Idempotency-Key."""
    return _id("key", caller_id, idempotency_key)


def content_id(caller_id: str, referral_id: str, opened_at: datetime, said: Said) -> str:
    """The id of what a caller says of a referral without a key: the same words again are the same opinion.

    Of a referral that was opened anew, at another `opened_at`, they are another one: there is more to see by then.
    """
    words = (said.doctor, said.organization, *said.diagnoses, said.comment)
    return _id("said", caller_id, referral_id, opened_at.isoformat(), *words)


def find_opinion(session: Session, opinion_id: str) -> GivenOpinion | None:
    """An opinion that the caller gave before."""
    row = session.get(OpinionRow, opinion_id)
    return None if row is None else _opinion(row)


def newest_opinion(session: Session, case_id: str) -> GivenOpinion | None:
    """The last opinion of a case the caller was already let see."""
    newest = OpinionRow.given_at.desc(), OpinionRow.id
    row = session.scalar(select(OpinionRow).where(OpinionRow.case_id == case_id).order_by(*newest).limit(1))
    return None if row is None else _opinion(row)


def shown_opinion(opinion: GivenOpinion, language: Language) -> dict[str, Any]:
    """The JSON of an opinion, as `gateway.review.documents` describes it."""
    said = opinion.said
    return {
        "id": opinion.id,
        "given_at": opinion.given_at.isoformat(),
        "doctor": said.doctor,
        "organization": said.organization,
        "diagnoses": [
            {"rank": rank, "code": slug, "name": _name(slug, language)} for rank, slug in enumerate(said.diagnoses, 1)
        ],
        "comment": said.comment,
        "report": opinion.report,
    }


def _name(slug: str, language: Language) -> str:
    """A disease that the tables do not know any more is shown by its code alone."""
    known = diseases().get(slug)
    return slug if known is None else known.name[language]


def _id(*parts: str) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]


def _opinion(row: OpinionRow) -> GivenOpinion:
    said = Said(row.doctor, row.organization, tuple(row.diagnoses), row.comment)
    return GivenOpinion(row.id, row.case_id, said, row.given_at, row.report)
