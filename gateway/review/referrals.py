"""Referrals: cases that a dermatologist should look at, with the reasons."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission, Scope
from gateway.database import UnitOfWork, now
from gateway.events.log import EventType, record
from gateway.language import Language
from gateway.review.opinions import GivenOpinion, newest_opinion, shown_opinion
from gateway.review.tables import CaseRow, ReferralRow

ASKED = "asked"
"""The reason of a referral that somebody asked for; those that a ranking gives are `inference.rules.ReferralReason`."""


class ReferralState(StrEnum):
    """Where a referral stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    VIDEO_REQUESTED = "video_requested"
    ANSWERED = "answered"


WAITING = (ReferralState.OPEN, ReferralState.CLAIMED, ReferralState.VIDEO_REQUESTED)
"""A dermatologist has still to say something."""


class UnknownReferral(Exception):
    """There is no such referral."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral as others see it."""

    id: str
    hospital: str
    case_id: str
    state: ReferralState
    reasons: Sequence[str]
    opened_at: datetime


def refer(unit_of_work: UnitOfWork, *, hospital: str, case_id: str, reasons: Sequence[str]) -> None:
    """Open the case's referral, or add reasons to the one it has.

    A new one is told as `referral.opened`, and so is one that was answered already: what came since is unseen.
    """
    said = list(dict.fromkeys(reasons))
    row = locked_referral(unit_of_work.session, case_id)
    if row is None:
        row = ReferralRow(id=uuid.uuid4().hex, hospital_id=hospital, case_id=case_id, reasons=[])
        unit_of_work.session.add(row)
    row.reasons = [*row.reasons, *(reason for reason in said if reason not in row.reasons)]
    if row.state in (None, ReferralState.ANSWERED.value):
        row.state = ReferralState.OPEN.value
        row.opened_at = now()
        data = {"case_id": case_id, "reasons": said}
        record(unit_of_work, EventType.REFERRAL_OPENED, hospital=hospital, subject=f"referral/{row.id}", data=data)


def locked_referral(session: Session, case_id: str) -> ReferralRow | None:
    """The case's referral, if it has one; two photos of one case wait here for each other, so that it gets only one.

    The lock is on the case, since there may be no referral yet, and leaves rows that refer to the case alone.
    """
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update(key_share=True))
    return session.scalar(select(ReferralRow).where(ReferralRow.case_id == case_id).with_for_update())


def referral_of(session: Session, case_id: str) -> Referral | None:
    """The referral of a case the caller was already let see."""
    row = session.scalar(select(ReferralRow).where(ReferralRow.case_id == case_id))
    return None if row is None else _referral(row)


def find_referral(session: Session, scope: Scope, referral_id: str) -> Referral:
    """The referral, if the scope sees its hospital; raises UnknownReferral."""
    row = session.get(ReferralRow, referral_id)
    if row is None or not scope.sees(row.hospital_id):
        raise UnknownReferral(f"there is no referral {referral_id}")
    return _referral(row)


def shown_referral(session: Session, case_id: str | None, language: Language) -> dict[str, Any]:
    """The `referral` member of a submission: `none` as its state where the case has no referral."""
    referral = None if case_id is None else referral_of(session, case_id)
    if referral is None:
        return {"state": "none", "reasons": [], "opinion": None}
    opinion = newest_opinion(session, referral.case_id)
    return {
        "state": referral.state.value,
        "reasons": list(referral.reasons),
        "opinion": None if opinion is None else shown_opinion(opinion, language),
    }


def list_referrals(
    unit_of_work: UnitOfWork, caller: Caller, *, states: Collection[ReferralState] = WAITING, limit: int
) -> Sequence[tuple[Referral, GivenOpinion | None]]:
    """Referrals in these states with their newest opinions, oldest first; raises NotPermitted.

    It writes the audit entry: who lists them reads what doctors said of patients.
    """
    scope = caller.require_hospital_wide(Permission.REVIEW)
    session = unit_of_work.session
    query = select(ReferralRow).where(ReferralRow.state.in_([state.value for state in states]))
    if scope.hospitals is not None:
        query = query.where(ReferralRow.hospital_id.in_(scope.hospitals))
    rows = session.scalars(query.order_by(ReferralRow.opened_at, ReferralRow.id).limit(limit)).all()
    audit(session, caller, Action.QUERIED, subject="referrals")
    return [(_referral(row), newest_opinion(session, row.case_id)) for row in rows]


def _referral(row: ReferralRow) -> Referral:
    return Referral(row.id, row.hospital_id, row.case_id, ReferralState(row.state), row.reasons, row.opened_at)
