"""Labels and referrals over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from gateway.access.http import CallerDependency, DatabaseDependency
from gateway.review.labels import read_labels
from gateway.review.referrals import open_referrals

router = APIRouter(tags=["review"])


@router.get("/labels")
def get_labels(
    caller: CallerDependency,
    database: DatabaseDependency,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """List what doctors and rules said of photos, numbered above `after`, in order."""
    with database.read() as session:
        labels = read_labels(session, caller, after=after, limit=limit)
    return {
        "labels": [
            {
                "number": label.number,
                "hospital": label.hospital,
                "photo_id": label.photo_id,
                "usable": label.usable,
                "reason": label.reason,
                "source": label.source,
                "said_at": label.said_at,
            }
            for label in labels
        ],
        "next": labels[-1].number if labels else after,
        "more": len(labels) == limit,
    }


@router.get("/referrals")
def get_referrals(
    caller: CallerDependency, database: DatabaseDependency, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """List the referrals that wait for an answer, the oldest first."""
    with database.read() as session:
        referrals = open_referrals(session, caller, limit=limit)
    return {
        "referrals": [
            {
                "id": referral.id,
                "hospital": referral.hospital,
                "case_id": referral.case_id,
                "state": referral.state.value,
                "reasons": list(referral.reasons),
                "opened_at": referral.opened_at,
            }
            for referral in referrals
        ]
    }
