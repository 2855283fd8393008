"""The delivery worker: couriers for every destination, and what has to be seen to beside them."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from dimse.fallback import CopyMaker, InstanceSender
from gateway.config import DeliverySettings, Destination, StowDestination
from gateway.database import Database, now
from gateway.delivery.breaker import Breaker
from gateway.delivery.courier import Courier, InstanceSource
from gateway.delivery.metering import MeteredSender, Meters
from gateway.delivery.outbox import Outbox, Policy
from gateway.delivery.pacs import PacsSenders
from gateway.delivery.proving.keeper import ProofKeeper
from gateway.delivery.proving.means import MeansFactory
from gateway.delivery.proving.requests import forget_requests
from gateway.delivery.proving.rules import ProofLimits
from gateway.delivery.proving.task import ProofTask
from gateway.delivery.replacing.sender import ReplacingSender
from gateway.delivery.replacing.source import SourceFor
from gateway.delivery.rules import Limits
from gateway.delivery.stow.connecting import stow_sender

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
LEFTOVERS_SECONDS = 3600.0
"""How often deliveries for destinations that are no longer set are looked for."""
POLL_SECONDS = 1.0
ABORT_SECONDS = 5.0
"""How long a courier may take to end once it was broken off."""

_RENEWALS_A_LEASE = 3
_LONGEST_HOST_NAME = 40

SenderFactory = Callable[[Destination], InstanceSender]


def storage_senders(calling_ae_title: str, make_copy: CopyMaker) -> SenderFactory:
    """Senders as each destination's kind asks: by C-STORE under our AE title, or by STOW-RS."""

    pacs = PacsSenders(calling_ae_title, make_copy)

    def sender(destination: Destination) -> InstanceSender:
        made = stow_sender(destination) if isinstance(destination, StowDestination) else pacs(destination)
        return ReplacingSender(made) if destination.iocm else made

    return sender


class DeliveryWorker:
    """Carries the outbox of one process to its destinations; several processes may share a PostgreSQL database.

    As many threads as it has lanes for each destination, so that none waits for another. A worker that dies leaves rows
    that are `sending`: others take them when the lease is over; on SQLite, which serves one worker, the next start
    takes them at once.
    """

    def __init__(
        self,
        database: Database,
        destinations: Sequence[Destination],
        settings: DeliverySettings,
        source: InstanceSource,
        senders: SenderFactory,
        *,
        means: MeansFactory,
        meters: Meters | None = None,
        source_for: SourceFor = lambda _destination, source: source,
        clock: Callable[[], datetime] = now,
        lease_seconds: float = LEASE_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        lease = timedelta(seconds=lease_seconds)
        policy = Policy(
            Limits.of(settings),
            settings.batch,
            lease,
            poll_seconds,
            proved=frozenset(destination.name for destination in destinations if destination.proof != "none"),
            prove_after=timedelta(seconds=settings.proof_seconds),
        )
        self._outbox = Outbox(database, _worker_name(), policy, clock)
        limits = ProofLimits.of(settings)
        self._proofs = [
            ProofKeeper(ProofTask(destination.name, database, limits, lease, clock), means(destination))
            for destination in destinations
        ]
        self._couriers = [
            courier
            for destination in destinations
            for courier in _couriers(
                destination,
                settings,
                self._outbox,
                source_for(destination, source),
                senders,
                meters=meters or Meters(),
            )
        ]
        self._threads = [
            threading.Thread(target=courier.run, name=f"delivery-{number}", daemon=True)
            for number, courier in enumerate(self._couriers)
        ]
        self._ended = threading.Event()
        known = frozenset(destination.name for destination in destinations)
        self._keepers = [
            self._keeper("leases", self._outbox.renew_leases, lease_seconds / _RENEWALS_A_LEASE),
            self._keeper("proofs in hand", self._renew_proofs, lease_seconds / _RENEWALS_A_LEASE),
            self._keeper("leftovers", lambda: self._outbox.tend_leftovers(known), LEFTOVERS_SECONDS),
            self._keeper("old requests", lambda: forget_requests(database, clock()), LEFTOVERS_SECONDS),
            *(self._keeper("proof", proof.round, poll_seconds) for proof in self._proofs),
        ]

    def start(self) -> None:
        """Begin; once only."""
        released = self._outbox.release_abandoned()
        if released:
            logger.info("%d deliveries that an earlier process had in hand are queued again", released)
        for thread in [*self._threads, *self._keepers]:
            thread.start()

    def stop(self, timeout_seconds: float) -> bool:
        """End: instances in hand are finished, within the time, then broken off; the rest stays queued.

        Return whether every courier ended.
        """
        deadline = time.monotonic() + timeout_seconds
        for courier in self._couriers:
            courier.stop()
        self._join(deadline)
        for courier, thread in zip(self._couriers, self._threads, strict=True):
            if thread.is_alive():
                courier.abort()
        self._join(time.monotonic() + ABORT_SECONDS)
        self._ended.set()
        for proof in self._proofs:
            proof.stop()
        for keeper in self._keepers:
            keeper.join(ABORT_SECONDS)
        return not any(thread.is_alive() for thread in self._threads)

    def _renew_proofs(self) -> None:
        for proof in self._proofs:
            proof.renew()

    def _join(self, deadline: float) -> None:
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _keeper(self, what: str, act: Callable[[], object], seconds: float) -> threading.Thread:
        return threading.Thread(target=self._keep, args=(what, act, seconds), name=f"delivery-{what}", daemon=True)

    def _keep(self, what: str, act: Callable[[], object], seconds: float) -> None:
        """Act at once and then every so often, until the worker has ended."""
        while not self._ended.is_set():
            try:
                act()
            except Exception as error:  # noqa: BLE001 - tried again the next time
                logger.warning("seeing to the %s of deliveries failed: %s", what, type(error).__name__)
            self._ended.wait(seconds)


def _couriers(
    destination: Destination,
    settings: DeliverySettings,
    outbox: Outbox,
    source: InstanceSource,
    senders: SenderFactory,
    *,
    meters: Meters,
) -> list[Courier]:
    breaker = Breaker(settings.retry_seconds)
    meter = meters.add(destination.name, breaker)
    return [
        Courier(
            destination.name, MeteredSender(senders(destination), meter), outbox=outbox, source=source, breaker=breaker
        )
        for _ in range(destination.lanes)
    ]


def _worker_name() -> str:
    """Who holds a lease: readable for the operator, and no two alike."""
    return f"{socket.gethostname()[:_LONGEST_HOST_NAME]}/{os.getpid()}/{secrets.token_hex(4)}"
