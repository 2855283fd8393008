"""What the tests of proof share: workers at work, and what they have written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select, update

from gateway.access.caller import Scope
from gateway.config import DimseDestination
from gateway.database import Database, now
from gateway.delivery.tables import CommitmentRequestRow, DeliveryRow
from gateway.events.log import Event, read
from tests.integration.delivery.hospital import PROMPT, archived_and_queued, destination, states, wait_until, worker_for
from tests.integration.delivery.provable import ProvablePacs

AT_ONCE = PROMPT.model_copy(update={"commitment_hours": 0.2 / 3600})
"""Answers are waited for a fifth of a second."""


@contextmanager
def working(database: Database, *destinations: DimseDestination, **values: Any) -> Iterator[None]:
    """A worker at work within the block."""
    worker = worker_for(database, *destinations, **values)
    worker.start()
    try:
        yield
    finally:
        assert worker.stop(10)


def committing(pacs: ProvablePacs, **values: Any) -> DimseDestination:
    """A destination that is asked for storage commitment."""
    return destination(port=pacs.port, proof="commitment", idle_seconds=values.pop("idle_seconds", 0.5), **values)


def come_to(database: Database, expected: dict[str, int], seconds: float = 20) -> None:
    """Wait until the deliveries stand so."""
    wait_until(lambda: states(database) == expected, f"{expected}, not {states(database)}", seconds)


def requests_of(database: Database) -> list[CommitmentRequestRow]:
    """Every request for storage commitment, in order."""
    with database.read() as session:
        found = list(session.scalars(select(CommitmentRequestRow).order_by(CommitmentRequestRow.id)))
        session.expunge_all()
        return found


def events_of(database: Database) -> list[Event]:
    """Every event, in order."""
    with database.read() as session:
        return list(read(session, Scope(None), after=0, limit=1000))


def sent_unproven(database: Database, there: DimseDestination, count: int) -> None:
    """Send some; nobody asks for their proof."""
    archived_and_queued(database, count, there)
    with working(database, there.model_copy(update={"proof": "none"})):
        come_to(database, {"sent": count})


def to_be_proved_now(database: Database) -> None:
    """Let proof of all deliveries be due."""
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(prove_at=now()))


def asked_without_answer(database: Database, pacs: ProvablePacs, there: DimseDestination, count: int = 3) -> None:
    """Send some, and ask for the commitment of all in one request, which is not answered."""
    sent_unproven(database, there, count)
    to_be_proved_now(database)
    with working(database, there):
        wait_until(lambda: any(row.sent_at for row in requests_of(database)), "asked, and taken down")
    assert states(database) == {"sent": count}
