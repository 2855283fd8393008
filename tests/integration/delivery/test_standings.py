"""How destinations stand, over HTTP: the last hour by the minute, what failed, what waits, and only one's own."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, update

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, NotPermitted, Role
from gateway.access.http import Authenticator
from gateway.config import Settings, StowDestination
from gateway.database import Database
from gateway.delivery import history
from gateway.delivery.breaker import Breaker
from gateway.delivery.history import MINUTES, Failure, Minute, histories
from gateway.delivery.metering import Meters
from gateway.delivery.routes import STATUSES, router
from gateway.delivery.standings import standings
from gateway.delivery.tables import DeliveryAttemptRow, DeliveryRow
from gateway.operations.metrics import Metrics
from gateway.problems import install
from tests.integration.delivery.hospital import archived_and_queued, destination, rows

AT = datetime(2026, 3, 1, 12, 30, 30, tzinfo=UTC)


def attempt(database: Database, ended_at: datetime, outcome: str = "stored", status: str | None = "0000") -> None:
    """Write down an attempt at the first delivery there is."""
    row = rows(database)[0]
    with database.write() as unit_of_work:
        unit_of_work.session.execute(
            insert(DeliveryAttemptRow).values(
                delivery_id=row.id, hospital_id=row.hospital_id, destination=row.destination,
                number=ended_at.timestamp(), started_at=ended_at, ended_at=ended_at, outcome=outcome, status=status,
            )
        )  # fmt: skip


def test_attempts_fall_into_the_minutes_in_which_they_ended(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    for ended_at in (
        AT,
        AT - timedelta(seconds=29),
        AT - timedelta(seconds=31),
        AT - timedelta(minutes=59, seconds=29),
    ):
        attempt(database, ended_at)
    attempt(database, AT - timedelta(minutes=2), "retry", "A700")
    attempt(database, AT - timedelta(minutes=61))
    with database.read() as session:
        found = histories(session, AT)["pacs"]
    assert len(found.minutes) == MINUTES
    assert [(number, minute) for number, minute in enumerate(found.minutes) if minute != Minute()] == [
        (0, Minute(sent=1)),
        (57, Minute(failed=1)),
        (58, Minute(sent=1)),
        (59, Minute(sent=2)),
    ]
    assert found.failures == [Failure("retry", "A700", 1)]
    assert found.sent == 4


def test_failures_are_told_apart_by_what_was_answered(sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    for number, status in enumerate(["A700", "A700", None, "A701"]):
        attempt(sqlite, AT - timedelta(seconds=number), "retry", status)
    with sqlite.read() as session:
        failures = histories(session, AT)["pacs"].failures
    assert failures[0] == Failure("retry", "A700", 2)
    assert set(failures[1:]) == {Failure("retry", None, 1), Failure("retry", "A701", 1)}


def test_of_an_hour_too_busy_to_be_counted_the_end_is_told(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_ATTEMPTS", 3)
    archived_and_queued(sqlite, 1, destination())
    for minutes in range(5, 0, -1):
        attempt(sqlite, AT - timedelta(minutes=minutes))
    with sqlite.read() as session:
        assert histories(session, AT)["pacs"].sent == 3


def test_every_set_destination_is_shown_and_one_that_is_no_longer_set_while_something_waits_for_it(
    sqlite: Database,
) -> None:
    web = StowDestination(name="web", kind="stow", url="https://dicom.example/dicom-web")
    archived_and_queued(sqlite, 2, destination("gone"))
    archived_and_queued(sqlite, 1, destination("forgotten"))
    with sqlite.write() as unit_of_work:
        values = update(DeliveryRow).where(DeliveryRow.destination == "forgotten").values(state="sent")
        unit_of_work.session.execute(values)
    with sqlite.read() as session:
        found = standings(session, LOCAL_ADMINISTRATOR, [destination("here"), web], (), AT)
    assert [(each.name, each.kind, each.waiting) for each in found] == [
        ("gone", None, 2), ("here", "dimse", 0), ("web", "stow", 0),
    ]  # fmt: skip
    assert found[1].address == "PACS · 127.0.0.1:104"
    assert found[2].address == "https://dicom.example/dicom-web"


def test_a_hospital_sees_its_own_destinations_and_counts(sqlite: Database) -> None:
    ours, theirs = destination("ours"), destination("theirs", hospital="elsewhere")
    archived_and_queued(sqlite, 1, ours)
    attempt(sqlite, AT)
    archived_and_queued(sqlite, 2, theirs)
    stranger = Caller("key:1", frozenset({Role.MONITOR}), frozenset({"elsewhere"}))
    with sqlite.read() as session:
        found = standings(session, stranger, [ours, theirs], (), AT)
        assert [(each.name, each.waiting) for each in found] == [("theirs", 2)]
        assert histories(session, AT, frozenset({"elsewhere"})) == {}


def test_whoever_may_not_look_at_deliveries_sees_nothing(sqlite: Database) -> None:
    with sqlite.read() as session, pytest.raises(NotPermitted):
        standings(session, Caller("key:2", frozenset({Role.APP}), None), [destination()], (), AT)


def test_the_answer_says_what_is_down_and_why(sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    with sqlite.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(last_message="nothing listens there"))
    meters, breaker = Meters(), Breaker(30)
    meters.add("pacs", breaker)
    breaker.down()
    app = FastAPI()
    app.state.database = sqlite
    app.state.authenticator = Authenticator(sqlite, trust_local=True)
    app.state.settings = Settings(destinations=(destination(),))
    app.state.metrics = Metrics(sqlite, meters=meters)
    app.include_router(router)
    install(app, STATUSES)
    (found,) = asyncio.run(_get(app, "/destinations"))["destinations"]
    assert (found["is_down"], found["trouble"], found["states"]) == (True, "nothing listens there", {"queued": 1})
    assert found["pause_seconds"] > 0
    assert len(found["minutes"]) == MINUTES


async def _get(app: FastAPI, path: str) -> dict[str, list[dict[str, Any]]]:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = (await client.get(path)).raise_for_status()
        document: dict[str, list[dict[str, Any]]] = answer.json()
        return document
