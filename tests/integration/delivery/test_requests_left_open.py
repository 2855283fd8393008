"""Requests for storage commitment that nobody waits for any more, as a killed process or other settings leave them."""

from datetime import timedelta

from gateway.config import DimseDestination
from gateway.database import Database, now
from gateway.delivery.proving import due, requests
from tests.integration.delivery.hospital import rows
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import come_to, committing, sent_unproven, working


def test_what_a_process_was_about_to_ask_for_when_it_was_killed_the_next_asks_for_at_once(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        sent_unproven(sqlite, there, 3)
        _write_down_a_request(sqlite, there, timedelta(minutes=10))
        with working(sqlite, there):
            come_to(sqlite, {"committed": 3})


def test_what_was_asked_for_before_queries_were_set_instead_is_queried_in_the_end(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        sent_unproven(database, there, 3)
        _write_down_a_request(database, there, timedelta())
        with working(database, there.model_copy(update={"proof": "query"})):
            come_to(database, {"confirmed": 3})


def _write_down_a_request(database: Database, there: DimseDestination, until: timedelta) -> None:
    """For all deliveries; it is to be sent until then."""
    with database.read() as session:
        taken = due.load(session, [row.id for row in rows(database)])
    with database.write() as unit_of_work:
        requests.make(unit_of_work, there.name, taken, at=now(), until=now() + until)
