"""The outbox as one worker sees it: each call is one short transaction, none is open while something is sent."""

import logging
import random
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dimse.reactions import Reaction
from gateway.database import Database
from gateway.delivery import claims, leftovers, outcomes
from gateway.delivery.claims import Claim
from gateway.delivery.outcomes import Attempt
from gateway.delivery.proving.abandoned import release_proofs
from gateway.delivery.rules import Limits
from gateway.delivery.states import DeliveryState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a worker treats the outbox.

    When it tries and gives up, how many rows it claims at once and for how long, and how often it looks for what
    other processes queued. What was sent to the destinations `proved` is to be proved `prove_after` that; at the
    others only what they said they had already.
    """

    limits: Limits
    batch: int
    lease: timedelta
    poll_seconds: float
    proved: frozenset[str] = frozenset()
    prove_after: timedelta = timedelta()

    def proof_due_after(self, destination: str, reaction: Reaction) -> timedelta | None:
        """How long after an object was sent to the destination proof is looked for; None: it is not."""
        is_doubtful = reaction is Reaction.CONFIRM_DUPLICATE
        return self.prove_after if is_doubtful or destination in self.proved else None


class Outbox:
    """What the threads of one worker claim and write down; `worker` is its name on the leases."""

    def __init__(
        self,
        database: Database,
        worker: str,
        policy: Policy,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.policy = policy
        self.clock = clock
        self._database = database
        self._worker = worker
        self._chance = chance
        self._lock = threading.Lock()
        self._in_hand: dict[int, datetime] = {}

    def release_abandoned(self) -> int:
        """At start, on a database that only one worker can use: end the leases of the one before."""
        if not self._database.is_sqlite:
            return 0
        with self._database.write() as unit_of_work:
            release_proofs(unit_of_work, self.clock())
            return claims.release_all(unit_of_work)

    def claim(self, destination: str, limit: int) -> Sequence[Claim]:
        """Take up to `limit` due rows of the destination into this worker's hands."""
        at = self.clock()
        until = at + self.policy.lease
        with self._database.read() as session:
            if not claims.anything_due(session, destination, at):
                return ()
        if self._has_overdue(at):
            self.renew_leases()  # a process that stood still must not take what another thread of it has in hand
        with self._database.write() as unit_of_work:
            held = claims.claim(unit_of_work, destination, self._worker, limit=limit, at=at, until=until)
        with self._lock:
            self._in_hand.update((claim.delivery_id, until) for claim in held)
        return held

    def holds(self, held: Claim) -> bool:
        """Whether the lease still lasts: it may be over for a process that was stopped for a while, and the row sent
        by another worker."""
        with self._lock:
            until = self._in_hand.get(held.delivery_id)
            return until is not None and self.clock() < until

    def give_back(self, held: Collection[Claim], message: str | None = None) -> None:
        """Let rows wait again, nothing counted against them."""
        if not held:
            return
        self._let_go(held)
        with self._database.write() as unit_of_work:
            claims.give_back(unit_of_work, held, self._worker, message)

    def record(self, held: Claim, attempt: Attempt) -> DeliveryState | None:
        """Write an attempt down; the state that follows, None when the row was no longer this worker's."""
        self._let_go([held])
        with self._database.write() as unit_of_work:
            return outcomes.record_attempt(
                unit_of_work,
                held,
                self._worker,
                attempt,
                self.policy.limits,
                chance=self._chance(),
                prove_after=self.policy.proof_due_after(held.destination, attempt.reaction),
            )

    def cancel_missing(self, held: Claim) -> None:
        """End a delivery whose instance is gone."""
        self._let_go([held])
        with self._database.write() as unit_of_work:
            outcomes.cancel_missing(unit_of_work, held, self._worker)

    def bury_aged(self, destination: str, words: str) -> int:
        """Give up whatever waits for a destination that is down and is too old; return how many."""
        buried = 0
        while True:
            with self._database.write() as unit_of_work:
                count = outcomes.bury_aged(unit_of_work, destination, self.policy.limits, at=self.clock(), words=words)
            if not count:
                return buried
            buried += count

    def renew_leases(self) -> None:
        """Keep what is in hand for another lease."""
        with self._lock:
            in_hand = sorted(self._in_hand)
        if not in_hand:
            return
        until = self.clock() + self.policy.lease
        with self._database.write() as unit_of_work:
            renewed = claims.renew(unit_of_work, self._worker, in_hand, until)
        with self._lock:
            self._in_hand.update((delivery_id, until) for delivery_id in renewed & self._in_hand.keys())

    def tend_leftovers(self, known: Collection[str]) -> None:
        """See to deliveries for destinations that are not among the `known`, those of the settings."""
        with self._database.read() as session:
            names = leftovers.unknown_destinations(session, known)
        for name in names:
            with self._database.write() as unit_of_work:
                waiting = leftovers.explain(unit_of_work, name, self.clock())
            buried = self.bury_aged(name, leftovers.WORDS)
            logger.warning("destination %s: %s; %d wait for it, %d given up", name, leftovers.WORDS, waiting, buried)

    def _has_overdue(self, at: datetime) -> bool:
        with self._lock:
            return any(until <= at for until in self._in_hand.values())

    def _let_go(self, held: Iterable[Claim]) -> None:
        # Before the transaction: should that fail, the lease must run out instead of being renewed for ever.
        with self._lock:
            for claim in held:
                self._in_hand.pop(claim.delivery_id, None)
