"""A submission as the API shows it, and finding one within a caller's scope."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.intake.reasons import reason_texts
from gateway.intake.tables import SubmissionRow
from gateway.language import Language
from gateway.library.diseases import diseases, in_language
from gateway.library.resemblance.showing import EXAMPLES, LiveCase, illustrated
from gateway.library.urgency import CARE

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class SubmissionState(StrEnum):
    """Where a submission stands."""

    PROCESSING = "processing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class UnknownSubmission(Exception):
    """There is no such photo."""


class InvalidCursor(Exception):
    """The cursor is none that a listing gave."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of a submission's deliveries."""

    destination: str
    state: str


def find_submission(session: Session, scope: Scope, submission_id: str) -> SubmissionRow:
    """The submission, if the scope sees it; raises UnknownSubmission."""
    return _found(session, _one(scope, submission_id), submission_id)


def keep_submission(session: Session, scope: Scope, submission_id: str) -> SubmissionRow:
    """The same, and nobody deletes it before this transaction ends; raises UnknownSubmission also of one just gone."""
    query = _one(scope, submission_id).with_for_update(read=True, key_share=True)
    return _found(session, query, submission_id)


def claim_submission(session: Session, scope: Scope, submission_id: str) -> SubmissionRow:
    """The same, to be deleted: nobody says anything of it before this transaction ends; raises UnknownSubmission."""
    return _found(session, _one(scope, submission_id).with_for_update(), submission_id)


def _one(scope: Scope, submission_id: str) -> Select[SubmissionRow]:
    return _within(select(SubmissionRow), scope).where(SubmissionRow.id == submission_id)


def _found(session: Session, query: Select[SubmissionRow], submission_id: str) -> SubmissionRow:
    row = session.scalar(query)
    if row is None:
        raise UnknownSubmission(f"there is no photo {submission_id[:64]}")
    return row


def list_submissions(
    session: Session, scope: Scope, *, limit: int, cursor: str | None, case_id: str | None = None
) -> tuple[Sequence[SubmissionRow], str | None]:
    """One page, newest first, and the cursor of the next one; raises InvalidCursor."""
    place = tuple_(SubmissionRow.received_at, SubmissionRow.id)
    query = _within(select(SubmissionRow), scope).order_by(SubmissionRow.received_at.desc(), SubmissionRow.id.desc())
    if case_id is not None:
        query = query.where(SubmissionRow.case_id == case_id)
    if cursor is not None:
        query = query.where(place < _place(cursor))
    rows = session.scalars(query.limit(limit + 1)).all()
    return rows[:limit], _cursor(rows[limit - 1]) if len(rows) > limit else None


def render(
    row: SubmissionRow,
    about: Mapping[str, Any],
    referral: Mapping[str, Any],
    deliveries: Iterable[Delivery],
    language: Language,
    *,
    cases: Mapping[str, LiveCase] = MappingProxyType({}),
) -> dict[str, Any]:
    """The JSON of a submission, as `gateway.intake.documents` describes it.

    `about` are its members that `gateway.intake.about` makes, `referral` is that member, and `cases` are the library's
    that its ranking may show.
    """
    return {
        "id": row.id,
        "case_id": row.case_id,
        "state": row.state,
        "received_at": row.received_at.isoformat(),
        **about,
        "judgement": row.judgement and _judgement(row.judgement, language),
        "ranking": row.ranking and _ranking(row.ranking, cases, language),
        "referral": dict(referral),
        "dicom": row.dicom,
        "deliveries": [{"destination": each.destination, "state": each.state} for each in deliveries],
        "worklist": row.worklist,
        **({"problem": row.problem} if row.problem else {}),
    }


NO_REFERRAL: dict[str, Any] = {"state": "none", "reasons": [], "opinion": None}


def _judgement(judgement: Mapping[str, Any], language: Language) -> dict[str, Any]:
    texts = reason_texts()
    reasons = [
        {
            **reason,
            "name": texts[reason["code"]].name[language],
            "advice": texts[reason["code"]].advice[language],
        }
        for reason in judgement["reasons"]
    ]
    return {**judgement, "reasons": reasons}


def _ranking(ranking: Mapping[str, Any], cases: Mapping[str, LiveCase], language: Language) -> dict[str, Any]:
    diseases_shown = [
        _disease(entry, language, illustrated(ranking, entry["code"], cases, language)) for entry in ranking["diseases"]
    ]
    kept = {name: value for name, value in ranking.items() if name != EXAMPLES}
    # A ranking kept by an earlier version has no unlikeness.
    return {"unlikeness": None, **kept, "diseases": diseases_shown}


def _disease(entry: Mapping[str, Any], language: Language, pictures: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the ranking; a disease that the library does not know yet is shown by its code alone."""
    known = diseases().get(entry["code"])
    if known is None:
        return {**entry, "name": entry["code"]}
    return {
        **entry,
        "name": known.name[language],
        "features": in_language(known.features, language),
        "contagious": known.contagious,
        "malignant": known.malignant,
        "urgency": known.urgency,
        "wait": CARE[known.urgency].wait[language],
        "home": CARE[known.urgency].home[language],
        "advice": in_language(known.advice, language),
        **pictures,
    }


def _within(query: Select[SubmissionRow], scope: Scope) -> Select[SubmissionRow]:
    if scope.hospitals is not None:
        query = query.where(SubmissionRow.hospital_id.in_(scope.hospitals))
    if scope.patient is not None:
        query = query.where(SubmissionRow.patient == scope.patient)
    return query


def _cursor(row: SubmissionRow) -> str:
    return base64.urlsafe_b64encode(f"{row.received_at.isoformat()} {row.id}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        moment, _, submission_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        received_at = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor("the cursor is none that a listing gave") from error
    if received_at.utcoffset() != timedelta(0) or not _ID.fullmatch(submission_id):
        raise InvalidCursor("the cursor is none that a listing gave")
    return received_at, submission_id
