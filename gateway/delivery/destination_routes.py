"""Destinations over HTTP: how each stands."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from gateway.access.http import CallerDependency, DatabaseDependency
from gateway.database import now
from gateway.delivery.metering import Meters
from gateway.delivery.standings import standings

router = APIRouter()


class MinuteView(BaseModel):
    """Attempts that ended within one minute."""

    model_config = ConfigDict(from_attributes=True)

    sent: int
    failed: int


class FailureView(BaseModel):
    """Attempts of the last hour that ended alike; `status` is DIMSE's, in hexadecimal."""

    model_config = ConfigDict(from_attributes=True)

    outcome: str
    status: str | None
    count: int


class UnprovenView(BaseModel):
    """What was sent and not seen to be there: `count` that is still asked for, the oldest sent `oldest_seconds` ago.

    `left` is what was sent within a day and nothing more can be asked of; `because` says why, where that is known.
    """

    model_config = ConfigDict(from_attributes=True)

    count: int
    oldest_seconds: float
    left: int
    because: str | None


class DestinationView(BaseModel):
    """One destination: its queue, its last hour (60 minutes, the oldest first), its trouble.

    `kind` is null where the settings no longer name it, `is_down` where the process that answers does not send.
    `reasons` say why what was given up or not taken last was, by state.
    """

    model_config = ConfigDict(from_attributes=True)

    name: str
    kind: Literal["dimse", "stow"] | None
    address: str
    hospital: str | None
    states: dict[str, int]
    waiting: int
    oldest_waiting_seconds: float
    last_sent_at: datetime | None
    trouble: str | None
    is_down: bool | None
    pause_seconds: float
    sent_last_hour: int
    minutes: list[MinuteView]
    failures: list[FailureView]
    unproven: UnprovenView
    reasons: dict[str, str]


class DestinationList(BaseModel):
    """Every destination of the caller's hospitals, by name, as of the moment `at`."""

    at: datetime
    destinations: list[DestinationView]


@router.get("/destinations")
def get_destinations(request: Request, caller: CallerDependency, database: DatabaseDependency) -> DestinationList:
    """Show how each destination stands."""
    meters: Meters | None = request.app.state.metrics.meters
    at = now()
    with database.read() as session:
        found = standings(session, caller, request.app.state.settings.destinations, meters.read() if meters else (), at)
    return DestinationList(at=at, destinations=[DestinationView.model_validate(each) for each in found])
