"""Requests for storage commitment that nobody waits for any more, as a killed process or other settings leave them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from dimse.commitment_data import CommitmentReport, CommitmentRequest
from gateway.config import Destination, DimseDestination
from gateway.database import Database, now
from gateway.delivery.proving import due, requests
from gateway.delivery.proving.keeper import Means
from gateway.delivery.proving.means import proof_means
from gateway.delivery.proving.prover import CannotAsk, Committer
from gateway.delivery.tables import DeliveryRow
from tests.integration.delivery.hospital import rows
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import come_to, committing, sent_unproven, to_be_proved_now, working


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


def test_what_the_destination_had_already_is_not_left_lying_when_it_cannot_be_asked_for_the_rest(
    database: Database,
) -> None:
    """What it had is queried, the rest is to be committed: both were taken to be proved at once."""
    with ProvablePacs() as pacs:
        there = committing(pacs)
        sent_unproven(database, there, 3)
        with database.write() as unit_of_work:
            a_duplicate = update(DeliveryRow).where(DeliveryRow.id == rows(database)[0].id).values(last_status="0111")
            unit_of_work.session.execute(a_duplicate)
        to_be_proved_now(database)
        with working(database, there, means=_failing_once):
            come_to(database, {"committed": 3})


def _failing_once(there: Destination) -> Means:
    means = proof_means("DERMGATE")(there)
    assert means.committer is not None
    return Means(means.prover, _FailingOnce(means.committer))


@dataclass
class _FailingOnce:
    """A way to ask that is in order from the second time on."""

    committer: Committer
    has_failed: bool = False

    def ask(
        self, request: CommitmentRequest, taken: Callable[[], None], hear: Callable[[CommitmentReport], int]
    ) -> None:
        if not self.has_failed:
            self.has_failed = True
            raise CannotAsk("it is away")
        self.committer.ask(request, taken, hear)

    def abort(self) -> None:
        self.committer.abort()
