"""Labels and referrals over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from gateway.access.http import CallerDependency, DatabaseDependency
from gateway.problems import problems
from gateway.review.labels import Source, read_labels
from gateway.review.referrals import ReferralState, open_referrals

router = APIRouter(tags=["review"], responses=problems(401, 403, 422))


class LabelView(BaseModel):
    """What a doctor or a rule said of a photo; `said_by` is the key or account that posted it."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    hospital: str
    photo_id: str
    usable: bool
    reason: str | None
    source: Source
    said_at: datetime
    said_by: str


class LabelPage(BaseModel):
    """One page of labels; `next` is the `after` of the following one, `more` says whether it may hold any yet."""

    labels: list[LabelView]
    next: int
    more: bool


class ReferralView(BaseModel):
    """A case that a dermatologist should look at, and why."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    hospital: str
    case_id: str
    state: ReferralState
    reasons: list[str]
    opened_at: datetime


class ReferralPage(BaseModel):
    """The referrals that wait for an answer."""

    referrals: list[ReferralView]


@router.get("/labels")
def get_labels(
    caller: CallerDependency,
    database: DatabaseDependency,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LabelPage:
    """List what doctors and rules said of photos, numbered above `after`, in order."""
    with database.read() as session:
        labels = read_labels(session, caller, after=after, limit=limit)
    return LabelPage(
        labels=[LabelView.model_validate(label) for label in labels],
        next=labels[-1].number if labels else after,
        more=len(labels) == limit,
    )


@router.get("/referrals")
def get_referrals(
    caller: CallerDependency, database: DatabaseDependency, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> ReferralPage:
    """List the referrals that wait for an answer, the oldest first."""
    with database.read() as session:
        referrals = open_referrals(session, caller, limit=limit)
    return ReferralPage(referrals=[ReferralView.model_validate(referral) for referral in referrals])
