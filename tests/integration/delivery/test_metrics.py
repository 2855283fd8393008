"""What /metrics tells of deliveries: each destination's queue, what was sent, what failed and how, and who is down."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from gateway.database import Database, now
from gateway.delivery.metering import Meters
from gateway.delivery.tables import DeliveryRow
from gateway.operations.metrics import Metrics
from tests.integration.delivery.hospital import (
    Pacs,
    archived_and_queued,
    destination,
    states,
    uids,
    wait_until,
    worker_for,
)
from tests.peers import free_port


def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    families = text_string_to_metric_families(metrics.render().decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_what_was_sent_what_was_refused_and_who_is_down_is_told_for_each_destination(
    sqlite: Database, pacs: Pacs
) -> None:
    meters = Meters()
    here, nobody = destination("here", port=pacs.port), destination("nobody", port=free_port())
    instance_ids = archived_and_queued(sqlite, 5, here, nobody)
    pacs.refused_uids = {min(uids(sqlite, instance_ids))}
    worker = worker_for(sqlite, here, nobody, meters=meters)
    worker.start()
    metrics = Metrics(sqlite, meters=meters)
    wait_until(lambda: states(sqlite)["sent"] == 4 and states(sqlite)["dead"] == 1, "one has what it takes")
    wait_until(lambda: read(metrics)["dermgate_delivery_down", "nobody"] == 1, "the other is known to be down")
    told = read(metrics)
    assert worker.stop(10)
    assert told["dermgate_delivery_attempts_total", "here", "stored", "0000"] == 4
    assert told["dermgate_delivery_attempts_total", "here", "mismatch", "A900"] == 1
    assert told["dermgate_delivery_attempts_total", "nobody", "unreachable", ""] >= 1
    assert told["dermgate_delivery_bytes_total", "here"] > 0
    assert told["dermgate_delivery_seconds_count", "here"] == 5
    assert told["dermgate_delivery_down", "here"] == 0
    assert told["dermgate_deliveries", "here", "sent"] == 4
    assert told["dermgate_delivery_dead", "here"] == 1
    assert told["dermgate_delivery_waiting", "nobody"] == 5


def test_the_oldest_that_waits_is_told_in_seconds(sqlite: Database) -> None:
    archived_and_queued(sqlite, 2, destination())
    with sqlite.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(queued_at=now() - timedelta(minutes=10)))
    assert 600 <= read(Metrics(sqlite))["dermgate_delivery_oldest_waiting_seconds", "pacs"] < 630


def test_a_process_that_delivers_nothing_tells_of_the_queues_alone(sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    names = {name for name, *_labels in read(Metrics(sqlite))}
    assert "dermgate_delivery_waiting" in names
    assert not {
        name for name in names if name.startswith(("dermgate_delivery_attempts_total", "dermgate_delivery_down"))
    }
