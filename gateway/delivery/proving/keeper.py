"""Sees to it that what one destination took is proved: a round every so often, in a thread of its own."""

import logging
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.delivery.proving import due, requests
from gateway.delivery.proving.asking import CommitmentDesk
from gateway.delivery.proving.due import Unproven
from gateway.delivery.proving.in_hand import InHand
from gateway.delivery.proving.looking import Looker
from gateway.delivery.proving.prover import Committer, Prover
from gateway.delivery.proving.rules import UNANSWERED_TOLERATED
from gateway.delivery.proving.task import Patience, ProofTask
from gateway.delivery.states import DeliveryState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """How a destination can be asked; without a `committer` storage commitment is not wanted there."""

    prover: Prover
    committer: Committer | None = None


class ProofKeeper:
    """Asks one destination for proof of what was sent to it, in batches; several processes may do so at once."""

    def __init__(self, task: ProofTask, means: Means) -> None:
        self._task = task
        self._means = means
        self._patience = Patience(task.chance)
        self._in_hand = InHand(task.database)
        self._looker = Looker(task, means.prover, self._patience)
        self._desk = CommitmentDesk(task, means.committer, self._patience, self._in_hand) if means.committer else None

    def round(self) -> None:
        """Do what is due now, as long as the destination answers."""
        if self._patience.is_resting():
            return
        self._end_overdue()
        while not self._task.stopping.is_set():
            until = self._task.clock() + self._task.lease
            taken = self._take(until)
            if not taken:
                return
            with self._in_hand.holding(due.renewal(taken), until):
                answered = self._prove(taken)
            if not answered:
                logger.info("destination %s cannot be asked for proof now", self._task.destination)
                return

    def renew(self) -> None:
        """Keep what is being proved from other processes for another lease; from any thread."""
        self._in_hand.renew(self._task.clock() + self._task.lease)

    def stop(self) -> None:
        """Break off, from any thread; what was under way is taken up again by whoever comes next."""
        self._task.stopping.set()
        self._means.prover.abort()
        if self._means.committer is not None:
            self._means.committer.abort()

    def _end_overdue(self) -> None:
        """End requests for storage commitment without an answer in time; their objects are due again.

        Those too that were made before this destination was set to be queried instead.
        """
        task, at = self._task, self._task.clock()
        with task.database.read() as session:
            if not requests.anything_overdue(session, task.destination, at):
                return
        with task.database.write() as unit_of_work:
            count = requests.end_overdue(unit_of_work, task.destination, at)
        logger.warning("destination %s: %d requests for storage commitment have no answer", task.destination, count)

    def _take(self, until: datetime) -> Sequence[Unproven]:
        task, at = self._task, self._task.clock()
        with task.database.read() as session:
            if not due.anything_due(session, task.destination, at):
                return ()
        limit = task.limits.most_references if self._open_desk() else self._looker.at_once
        with task.database.write() as unit_of_work:
            return due.take_due(unit_of_work, task.destination, limit=limit, at=at, until=until)

    def _open_desk(self) -> CommitmentDesk | None:
        return self._desk if self._desk is not None and self._desk.is_open() else None

    def _prove(self, taken: Sequence[Unproven]) -> bool:
        """Ask for proof of these; whether the destination answered. What was not asked for then is due again."""
        desk = self._open_desk()
        to_commit = [one for one in taken if _is_for_commitment(one)] if desk else []
        to_look = deque(one for one in taken if not (desk and _is_for_commitment(one)))
        if desk is not None and to_commit and not self._answered(desk.ask(to_commit)):
            self._give_back(to_look)
            return False
        while to_look:
            some = [to_look.popleft() for _ in range(min(self._looker.at_once, len(to_look)))]
            if not self._answered(self._looker.look(some, then_commit=self._open_desk() is not None)):
                self._give_back(to_look)
                return False
        return True

    def _answered(self, was_answered: bool) -> bool:
        """Each answer ends the patience with the destination, even where the next question gets none."""
        if was_answered:
            self._patience.answered()
        return was_answered

    def _give_back(self, left: Collection[Unproven]) -> None:
        if left:
            with self._task.database.write() as unit_of_work:
                due.give_back(unit_of_work, left, self._task.clock())


def _is_for_commitment(one: Unproven) -> bool:
    """Whether commitment is what comes next, where it is to be had.

    Of what the destination had already, and of what was corrected, a query says first whether it is the same: it may
    answer for the one before. One that leaves requests unanswered is queried in the end.
    """
    is_doubtful = (one.is_duplicate or one.is_correction) and one.state is DeliveryState.SENT
    return not is_doubtful and one.looks < UNANSWERED_TOLERATED
