"""Deliveries over HTTP: the listing, and sending again or cancelling by hand."""

from datetime import datetime
from itertools import accumulate
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from gateway.access.http import CallerDependency, DatabaseDependency
from gateway.config import Name
from gateway.delivery import destination_routes
from gateway.delivery.bulk import Act, Which, change_many, count_deliveries
from gateway.delivery.errors import NotCancellable, NotRetriable, UnknownDelivery
from gateway.delivery.service import LARGEST_PAGE, Delivery, cancel, list_deliveries, retry
from gateway.delivery.states import DeliveryState
from gateway.problems import problems

LARGEST_ID = 2**63 - 1
MOST_AT_ONCE = 1000
"""Deliveries that one request queues again, so that it is answered in seconds."""

STATUSES: dict[type[Exception], int] = {UnknownDelivery: 404, NotRetriable: 409, NotCancellable: 409}
"""The HTTP status of each domain error, for the app's handlers."""

router = APIRouter(tags=["deliveries"], responses=problems(401, 403, 422))
router.include_router(destination_routes.router)


def _within_the_calendar(moment: datetime) -> datetime:
    """The moment, where it is far enough from the ends of the calendar to be put into UTC."""
    if not 1970 <= moment.year < 9000:
        raise ValueError("must be a moment between the years 1970 and 9000")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within_the_calendar)]
DeliveryId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class ProofView(BaseModel):
    """The best proof that the destination holds it: `query`, `qido` or `commitment`; since when; its transaction."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    at: datetime
    transaction_uid: str | None


class DeliveryView(BaseModel):
    """One instance on its way to one destination."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    hospital: str
    destination: str
    state: DeliveryState
    sop_instance_uid: str
    revision: int
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    confirmed_at: datetime | None
    committed_at: datetime | None
    sent_sop_class_uid: str | None
    sent_sop_instance_uid: str | None
    proof: ProofView | None
    last_status: str | None
    last_message: str | None


class DeliveryPage(BaseModel):
    """One page of deliveries, the newest first; hand `next` back as `cursor` for what follows."""

    deliveries: list[DeliveryView]
    next: int | None


@router.get("/deliveries")
def get_deliveries(
    *,
    caller: CallerDependency,
    database: DatabaseDependency,
    state: DeliveryState | None = None,
    destination: Name | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    queued_before: Moment | None = None,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> DeliveryPage:
    """List the deliveries the caller may see."""
    with database.read() as session:
        page = list_deliveries(
            session,
            caller,
            state=state,
            destination=destination,
            queued_before=queued_before,
            limit=limit,
            cursor=cursor,
        )
    return DeliveryPage(deliveries=[_shown(delivery) for delivery in page.deliveries], next=page.next_cursor)


class ManyToRetry(BaseModel):
    """Which deliveries are to be queued again: all in a state, of one destination where it is named."""

    model_config = ConfigDict(extra="forbid")

    state: Literal[DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.NOT_ACCEPTED, DeliveryState.CANCELLED]
    destination: Name | None = None
    queued_before: Moment | None = None


class ManyRetried(BaseModel):
    """How many were queued again, and how many are left: ask again for those."""

    retried: int
    left: int


@router.post("/deliveries/retry")
def post_retry_many(caller: CallerDependency, database: DatabaseDependency, many: ManyToRetry) -> ManyRetried:
    """Queue up to a thousand deliveries again."""
    which = Which(many.state, many.destination, many.queued_before)
    retried = 0
    for retried in accumulate(change_many(database, caller, which, Act.RETRY)):
        if retried >= MOST_AT_ONCE:
            break
    with database.read() as session:
        return ManyRetried(retried=retried, left=count_deliveries(session, caller, which))


@router.post("/deliveries/{delivery_id}/cancel", responses=problems(404, 409))
def post_cancel(caller: CallerDependency, database: DatabaseDependency, delivery_id: DeliveryId) -> DeliveryView:
    """Cancel a delivery; 409 for one that is being sent or has arrived."""
    with database.write() as unit_of_work:
        return _shown(cancel(unit_of_work, caller, delivery_id))


@router.post("/deliveries/{delivery_id}/retry", responses=problems(404, 409))
def post_retry(caller: CallerDependency, database: DatabaseDependency, delivery_id: DeliveryId) -> DeliveryView:
    """Queue a delivery again; 409 for one that waits, is being sent, or has arrived."""
    with database.write() as unit_of_work:
        return _shown(retry(unit_of_work, caller, delivery_id))


def _shown(delivery: Delivery) -> DeliveryView:
    return DeliveryView.model_validate(delivery)
