"""One instance on its way to a PACS that does what a test wants: by the sender alone, and through the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager

from dimse.addresses import RemoteAE, Timeouts
from dimse.outgoing import SendResult
from dimse.send import StorageSender
from gateway.config import DimseDestination
from gateway.database import Database
from tests.integration.delivery.hospital import archived_and_queued, destination, source_of, worker_for
from tests.peers import LOOPBACK

PATIENCE = 20.0
"""Seconds that a peer which answers is waited for, however busy the machine."""
LITTLE_PATIENCE = 1.0
"""Seconds that a peer which says nothing is waited for."""


def there(port: int, patience: float = PATIENCE) -> DimseDestination:
    """A destination that is not asked for proof."""
    return destination(port=port, acse_seconds=patience, dimse_seconds=patience, proof="none")


@contextmanager
def working(database: Database, port: int, patience: float = PATIENCE) -> Iterator[None]:
    """One delivery, and a worker that carries it."""
    archived_and_queued(database, 1, there(port, patience))
    worker = worker_for(database, there(port, patience))
    worker.start()
    try:
        yield
    finally:
        assert worker.stop(10)


def sent_bare(database: Database, port: int, patience: float = PATIENCE) -> SendResult:
    """What the sender says of an instance, without the outbox."""
    [instance_id] = archived_and_queued(database, 1, destination("elsewhere"))
    instance = source_of(database)(instance_id, 1)
    assert instance is not None
    timeouts = Timeouts(acse_seconds=patience, dimse_seconds=patience)
    with StorageSender(RemoteAE(LOOPBACK, port, "PACS"), "DERMGATE", timeouts) as sender:
        return sender.send(instance)
