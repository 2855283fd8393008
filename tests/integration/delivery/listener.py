"""Our listener as destinations call it, without the rest of a gateway."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from dimse.incoming import ProviderConfig
from dimse.receive import StorageProvider
from dimse.storing import held_whole
from gateway.access.caller import Caller
from gateway.config import DeliverySettings, Destination
from gateway.database import Database, now
from gateway.delivery.proving.means import named_by
from gateway.delivery.proving.reports import ReportDesk
from gateway.delivery.proving.rules import ProofLimits
from gateway.hospitals.committing import PeerCommitments, Ways
from tests.integration.delivery.hospital import PROMPT
from tests.peers import LOOPBACK


@contextmanager
def listening(
    database: Database,
    destinations: Sequence[Destination],
    *,
    port: int = 0,
    settings: DeliverySettings = PROMPT,
    later: timedelta = timedelta(),
) -> Iterator[int]:
    """The port of a listener that hears reports on what was asked of the destinations, by a clock that is `later`."""
    desk = ReportDesk(database, ProofLimits.of(settings), lambda: now() + later)
    commitments = PeerCommitments(
        database, _no_ways(), lambda title, report: desk.hear(report, named_by(destinations, title)), now
    )
    provider = StorageProvider(
        ProviderConfig(host=LOOPBACK, port=port, ae_title="DERMGATE"),
        held_whole(lambda _instance: 0),
        commitments=commitments,
    )
    provider.start()
    try:
        yield provider.port
    finally:
        provider.stop(5)


def _no_ways() -> Ways:
    def nobody(_title: str) -> Caller:
        return Caller("dimse:nobody", frozenset(), frozenset())

    def nothing(*_anything: Any) -> None:
        return None

    return Ways(nobody, nothing, nothing, nothing)  # type: ignore[arg-type]  # nobody asks
