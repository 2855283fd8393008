"""What was sent and not seen to be there shows: how much, since when, and why."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from gateway.access.caller import LOCAL_ADMINISTRATOR
from gateway.access.http import Authenticator
from gateway.config import Settings
from gateway.database import Database, now
from gateway.delivery.figures import queue_figures
from gateway.delivery.routes import STATUSES, router
from gateway.delivery.standings import standings
from gateway.delivery.tables import CommitmentRequestRow, DeliveryRow
from gateway.delivery.unproven import UNANSWERED, Unproven
from gateway.operations.metrics import Metrics
from gateway.problems import install
from tests.integration.delivery.hospital import archived_and_queued, destination, rows, wait_until
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import (
    asked_without_answer,
    come_to,
    committing,
    requests_of,
    to_be_proved_now,
    working,
)
from tests.integration.delivery.test_metrics import read
from tests.integration.delivery.test_standings import _get
from tests.peers import free_port


def told(database: Database, name: str = "pacs") -> Unproven:
    with database.read() as session:
        return next(each.unproven for each in queue_figures(session, now()) if each.destination == name)


def put(database: Database, **values: Any) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(**values))


def test_a_destination_that_cannot_be_asked_is_told_with_the_reason(database: Database) -> None:
    """It takes objects, and breaks off whatever asks for proof: Orthanc, to whom our title is unknown."""
    with ProvablePacs() as pacs:
        there = destination(port=pacs.port, proof="query")
        archived_and_queued(database, 2, there)
        with working(database, there.model_copy(update={"proof": "none"})):
            come_to(database, {"sent": 2})
    to_be_proved_now(database)
    put(database, sent_at=now() - timedelta(hours=2))
    with working(database, there.model_copy(update={"port": free_port()})):
        wait_until(lambda: told(database).because is not None, "the reason is known")
    found = told(database)
    assert (found.count, found.left) == (2, 0)
    assert 7200 <= found.oldest_seconds < 7260
    assert (found.because or "").startswith("not proven yet: ")
    metrics = read(Metrics(database))
    assert metrics["dermgate_delivery_unproven", "pacs"] == 2
    assert metrics["dermgate_delivery_oldest_unproven_seconds", "pacs"] >= 7200
    assert metrics["dermgate_delivery_left_unproven", "pacs"] == 0


def test_one_that_takes_no_queries_is_told_for_a_day(database: Database) -> None:
    with ProvablePacs(finds=False) as pacs:
        there = destination(port=pacs.port, proof="query")
        archived_and_queued(database, 3, there)
        with working(database, there):
            wait_until(lambda: told(database).left == 3, "it is known that nothing can be asked")
    assert told(database) == Unproven(0, 0.0, 3, "sent, but not proven: the destination takes no queries")
    assert read(Metrics(database))["dermgate_delivery_left_unproven", "pacs"] == 3
    put(database, next_attempt_at=now() - timedelta(hours=25))
    assert told(database) == Unproven()


def test_a_commitment_that_is_owed_for_a_minute_is_told(sqlite: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        asked_without_answer(sqlite, pacs, committing(pacs))
    assert len(requests_of(sqlite)) == 1
    assert told(sqlite).because is None
    with sqlite.write() as unit_of_work:
        unit_of_work.session.execute(update(CommitmentRequestRow).values(sent_at=now() - timedelta(minutes=2)))
    found = told(sqlite)
    assert (found.count, found.because) == (3, UNANSWERED)


def test_what_needs_no_proof_or_has_it_is_not_told(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = destination(port=pacs.port, proof="none")
        archived_and_queued(sqlite, 1, there)
        with working(sqlite, there):
            come_to(sqlite, {"sent": 1})
    assert told(sqlite) == Unproven()
    put(sqlite, state="confirmed", prove_at=now())
    assert told(sqlite) == Unproven()


def test_a_destination_that_is_not_set_any_more_is_not_told_for_ever(sqlite: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        asked_without_answer(sqlite, pacs, committing(pacs))
    put(sqlite, sent_at=now() - timedelta(days=3))
    assert told(sqlite).count == 3
    with sqlite.write() as unit_of_work:
        unit_of_work.session.execute(update(CommitmentRequestRow).values(deadline=now() - timedelta(hours=25)))
    assert told(sqlite) == Unproven()
    put(sqlite, prove_at=now() - timedelta(hours=1))
    assert told(sqlite).count == 3
    put(sqlite, prove_at=now() - timedelta(hours=25))
    assert told(sqlite) == Unproven()


def test_another_hospitals_are_not_counted(sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    put(sqlite, state="sent", sent_at=now(), prove_at=now(), last_message="not proven yet: gone")
    with sqlite.read() as session:
        assert queue_figures(session, now(), frozenset({"elsewhere"})) == []
    assert told(sqlite).count == 1


@pytest.mark.parametrize("state", ["dead", "not_accepted"])
def test_the_last_reason_of_what_ended_is_told(sqlite: Database, state: str) -> None:
    archived_and_queued(sqlite, 2, destination())
    put(sqlite, state=state, last_message="it does not want it")
    with sqlite.write() as unit_of_work:
        first = update(DeliveryRow).where(DeliveryRow.id == rows(sqlite)[0].id)
        values = {"last_message": "old", "next_attempt_at": now() - timedelta(days=1)}
        unit_of_work.session.execute(first.values(values))
    with sqlite.read() as session:
        [found] = standings(session, LOCAL_ADMINISTRATOR, [destination()], (), now())
    assert found.reasons == {state: "it does not want it"}


def test_the_answer_over_http_has_it(sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    put(sqlite, state="sent", sent_at=now(), prove_at=now(), last_message="not proven yet: gone")
    app = FastAPI()
    app.state.database = sqlite
    app.state.authenticator = Authenticator(sqlite, trust_local=True)
    app.state.settings = Settings(destinations=(destination(), destination("new")))
    app.state.metrics = Metrics(sqlite)
    app.include_router(router)
    install(app, STATUSES)
    new, old = asyncio.run(_get(app, "/destinations"))["destinations"]
    assert new["unproven"] == {"count": 0, "oldest_seconds": 0.0, "left": 0, "because": None}
    assert (old["unproven"]["count"], old["unproven"]["because"]) == (1, "not proven yet: gone")
    assert (old["reasons"], old["states"]) == ({}, {"sent": 1})
