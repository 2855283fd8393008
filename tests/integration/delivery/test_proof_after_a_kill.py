"""What a process had taken to prove when it was killed."""

from datetime import timedelta

from sqlalchemy import update

from gateway.database import Database, now
from gateway.delivery.tables import DeliveryRow
from tests.integration.delivery.hospital import (
    archived_and_queued,
    destination,
    states,
    wait_until,
    worker_for,
)
from tests.integration.delivery.provable import ProvablePacs


def test_the_next_process_on_sqlite_takes_it_up_at_once(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = destination(port=pacs.port, proof="query")
        archived_and_queued(sqlite, 3, there)
        pacs.finds = False
        worker = worker_for(sqlite, there)
        worker.start()
        wait_until(lambda: states(sqlite) == {"sent": 3}, "all are sent")
        assert worker.stop(10)
        with sqlite.write() as unit_of_work:
            unit_of_work.session.execute(update(DeliveryRow).values(prove_at=now() + timedelta(minutes=9)))
    with ProvablePacs(port=pacs.port) as again:
        again.kept |= pacs.kept
        worker = worker_for(sqlite, there)
        worker.start()
        wait_until(lambda: states(sqlite) == {"confirmed": 3}, "all are confirmed")
        assert worker.stop(10)
