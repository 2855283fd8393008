"""Asking one destination for storage commitment: written down, sent, and its answer awaited."""

import logging
from collections.abc import Sequence
from functools import partial

from dimse.commitment_data import CommitmentReport
from gateway.delivery.proving import findings, requests
from gateway.delivery.proving.due import Unproven
from gateway.delivery.proving.in_hand import InHand
from gateway.delivery.proving.prover import CannotAsk, Committer, NotOffered
from gateway.delivery.proving.reports import ReportDesk
from gateway.delivery.proving.task import Patience, ProofTask, Refusal

logger = logging.getLogger(__name__)


class CommitmentDesk:
    """Makes requests for storage commitment, and hears what is reported at once."""

    def __init__(self, task: ProofTask, committer: Committer, patience: Patience, in_hand: InHand) -> None:
        self._task = task
        self._in_hand = in_hand
        self._committer = committer
        self._patience = patience
        self._reports = ReportDesk(task.database, task.limits, task.clock, task.chance)
        self._refusal = Refusal()

    def is_open(self) -> bool:
        """Whether the destination takes storage commitment, as far as is known."""
        return self._refusal.words() is None

    def ask(self, wanted: Sequence[Unproven]) -> bool:
        """Ask for these; whether the destination answered."""
        task, at = self._task, self._task.clock()
        until = at + task.lease
        with task.database.write() as unit_of_work:
            request = requests.make(unit_of_work, task.destination, wanted, at=at, until=until)
        try:
            with self._in_hand.holding(requests.renewal(request), until):
                self._committer.ask(request.message, partial(self._note_taken, request), self._hear)
        except NotOffered as refusal:
            self._end_refused(request, wanted, refusal)
            return True
        except CannotAsk as obstacle:
            self._put_off(request, wanted, obstacle)
            return False
        return True

    def _hear(self, report: CommitmentReport) -> int:
        return self._reports.hear(report, [self._task.destination])

    def _note_taken(self, request: requests.Asked) -> None:
        taken_at = self._task.clock()
        deadline = taken_at + self._task.limits.answer_within
        with self._task.database.write() as unit_of_work:
            requests.note_taken(unit_of_work, request, at=taken_at, deadline=deadline)

    def _end_refused(self, request: requests.Asked, wanted: Sequence[Unproven], refusal: NotOffered) -> None:
        """Queries have to do from now on."""
        self._refusal.note(refusal.words)
        logger.warning("destination %s: %s; queries have to do", self._task.destination, refusal.words)
        with self._task.database.write() as unit_of_work:
            requests.note_not_taken(unit_of_work, request, until=self._task.clock())
            findings.note(unit_of_work, wanted, refusal.words)

    def _put_off(self, request: requests.Asked, wanted: Sequence[Unproven], obstacle: CannotAsk) -> None:
        if self._task.stopping.is_set():
            return  # we broke off ourselves: the lease ends it
        until = self._task.clock() + self._patience.rest()
        with self._task.database.write() as unit_of_work:
            requests.note_not_taken(unit_of_work, request, until=until)
            findings.note(unit_of_work, wanted, obstacle.words)
