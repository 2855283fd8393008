"""Looking at one destination for what was sent to it."""

import logging
from collections.abc import Sequence
from datetime import datetime

from gateway.database import UnitOfWork
from gateway.delivery.proving import findings
from gateway.delivery.proving.due import Unproven
from gateway.delivery.proving.prover import MOST_LOOKED_FOR, CannotAsk, NotOffered, Prover, TooSlow
from gateway.delivery.proving.rules import UNANSWERED_TOLERATED, after_missing
from gateway.delivery.proving.task import Patience, ProofTask, Refusal
from gateway.delivery.states import DeliveryState

EARLIER = "what it has may be what the correction was to replace"

logger = logging.getLogger(__name__)


class Looker:
    """Queries the destination, and has what it does not show sent again."""

    def __init__(self, task: ProofTask, prover: Prover, patience: Patience) -> None:
        self._task = task
        self._prover = prover
        self._patience = patience
        self._refusal = Refusal()
        self._at_once = MOST_LOOKED_FOR

    @property
    def at_once(self) -> int:
        """How many may be looked for together: fewer where the destination is slow."""
        return self._at_once

    def look(self, wanted: Sequence[Unproven], *, then_commit: bool) -> bool:
        """Look for these, at most `at_once`; whether the destination answered.

        With `then_commit` what is found is due again at once for better proof, unless that was asked for in vain.
        """
        words = self._refusal.words()
        if words is not None:
            self._leave(wanted, words)
            return True
        try:
            held = self._prover.held([one.sent for one in wanted])
        except NotOffered as refusal:
            self._refusal.note(refusal.words)
            logger.warning("destination %s: %s; nothing is proven there", self._task.destination, refusal.words)
            self._leave(wanted, refusal.words)
            return True
        except CannotAsk as obstacle:
            if isinstance(obstacle, TooSlow):
                self._at_once = max(1, self._at_once // 2)
            self._put_off(wanted, obstacle)
            return False
        self._write_down(wanted, held, then_commit=then_commit)
        return True

    def _leave(self, wanted: Sequence[Unproven], words: str) -> None:
        with self._task.database.write() as unit_of_work:
            findings.leave_unproven(unit_of_work, wanted, words)

    def _put_off(self, wanted: Sequence[Unproven], obstacle: CannotAsk) -> None:
        if self._task.stopping.is_set():
            return  # we broke off ourselves: the lease ends it
        until = self._task.clock() + self._patience.rest()
        with self._task.database.write() as unit_of_work:
            findings.put_off(unit_of_work, wanted, until, obstacle.words)

    def _write_down(self, wanted: Sequence[Unproven], held: frozenset[str], *, then_commit: bool) -> None:
        at = self._task.clock()
        shown = [one for one in wanted if one.sent.sop_instance_uid in held]
        found = [one for one in shown if not one.may_be_earlier]
        unfinished = [one.delivery_id for one in found if then_commit and one.looks < UNANSWERED_TOLERATED]
        finished = [one.delivery_id for one in found if one.delivery_id not in unfinished]
        with self._task.database.write() as unit_of_work:
            findings.confirm(unit_of_work, unfinished, self._prover.kind, at=at, prove_at=at)
            findings.confirm(unit_of_work, finished, self._prover.kind, at=at, prove_at=None)
            findings.leave_unproven(unit_of_work, [one for one in shown if one.may_be_earlier], EARLIER)
            for one in wanted:
                if one.sent.sop_instance_uid not in held:
                    self._miss(unit_of_work, one, at)

    def _miss(self, unit_of_work: UnitOfWork, one: Unproven, at: datetime) -> None:
        step = after_missing(one.past(), self._task.limits, chance=self._task.chance())
        findings.take_step(unit_of_work, self._task.destination, one, step, at)
        if step.state is not DeliveryState.SENT:
            logger.warning("delivery %d to %s: %s", one.delivery_id, self._task.destination, step.message)
