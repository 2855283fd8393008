"""Storage commitment over DIMSE as peers ask for it: taken down, looked up in the archive, reported."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dicomweb.services.commitment.values import Commitments, FailureReason, Reference, TransactionInUse, Verdict
from dimse.addresses import RemoteAE
from dimse.commitment_data import CommitmentReport, CommitmentRequest
from dimse.commitment_service import RequestStatus
from gateway.access.caller import Caller, NotPermitted, Permission
from gateway.database import Database
from gateway.hospitals import owed_reports
from gateway.hospitals.owed_reports import Entered, Owed

logger = logging.getLogger(__name__)

AT_ONCE = 200
"""More instances are looked up in the background, and reported over an association of our own, where that can be."""

LEASE = timedelta(minutes=30)
"""How long looking up and reporting may take before somebody else takes it in hand."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
POLL_SECONDS = 1.0
FORGET_SECONDS = 3600.0

_STATUSES = {
    Entered.NEW: RequestStatus.TAKEN,
    Entered.AGAIN: RequestStatus.TAKEN,
    Entered.OTHER: RequestStatus.INVALID_ARGUMENT,
    Entered.TOO_MANY: RequestStatus.OUT_OF_RESOURCES,
}


@dataclass(frozen=True, slots=True)
class Ways:
    """How peers stand to us.

    `caller_of` says whom an AE title stands for when it asks for commitment, `commitments_for` what that caller may
    ask, `address_of` where it listens, None where nobody knows; `call` reports there, and says why it could not.
    """

    caller_of: Callable[[str], Caller]
    commitments_for: Callable[[Caller], Commitments]
    address_of: Callable[[str], RemoteAE | None]
    call: Callable[[RemoteAE, CommitmentReport], str | None]


class PeerCommitments:
    """`dimse.commitment_service.Commitments` over the archive; `hear` takes the reports on what we asked ourselves."""

    def __init__(
        self,
        database: Database,
        ways: Ways,
        hear: Callable[[str, CommitmentReport], int],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._ways = ways
        self._hear = hear
        self._clock = clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to report in the background."""
        self._thread = threading.Thread(target=self._run, name="commitment-reports", daemon=True)
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End after the report in hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    # -- on an association that the peer asked for

    def hear(self, ae_title: str, report: CommitmentReport) -> int:
        """Hand on what a destination reports."""
        return self._hear(ae_title, report)

    def take(self, ae_title: str, request: CommitmentRequest) -> int:
        """Note what the peer asks for, if it may."""
        caller = self._ways.caller_of(ae_title)
        if not (caller.may(Permission.STORE_INSTANCES) or caller.may(Permission.READ_INSTANCES)):
            return RequestStatus.NOT_AUTHORISED
        with self._database.write() as unit_of_work:
            entered = owed_reports.enter(unit_of_work, caller.home, ae_title, request, self._clock())
        return _STATUSES[entered]

    def report_now(self, ae_title: str, transaction_uid: str) -> CommitmentReport | None:
        """What to report at once: all of it where it is little, or where the peer can only be told now."""
        at = self._clock()
        with self._database.write() as unit_of_work:
            owed = owed_reports.take(unit_of_work, ae_title, transaction_uid, at=at, until=at + LEASE)
        if owed is None:
            return None
        if len(owed.asked) > AT_ONCE and self._ways.address_of(ae_title) is not None:
            with self._database.write() as unit_of_work:
                owed_reports.free(unit_of_work, ae_title, transaction_uid, at)
            return None
        return self._looked_up(owed)

    def note_reported(self, ae_title: str, transaction_uid: str, *, taken: bool) -> None:
        """Settle what the peer took; what it did not take it is called about."""
        at = self._clock()
        with self._database.write() as unit_of_work:
            if taken:
                owed_reports.settle(unit_of_work, ae_title, transaction_uid, at, "reported")
            else:
                owed_reports.free(unit_of_work, ae_title, transaction_uid, at)

    # -- in the background

    def work(self) -> None:
        """Work on every report that is due."""
        while not self._stopping.is_set():
            owed = self._next()
            if owed is None:
                return
            self._call(owed)

    def _run(self) -> None:
        rounds = 0
        while not self._stopping.is_set():
            try:
                self.work()
                if rounds % (FORGET_SECONDS // POLL_SECONDS) == 0:
                    with self._database.write() as unit_of_work:
                        owed_reports.forget_old(unit_of_work, self._clock())
            except Exception as error:  # noqa: BLE001 - tried again the next time
                logger.warning("seeing to reports on storage commitment failed: %s", type(error).__name__)
            rounds += 1
            self._stopping.wait(POLL_SECONDS)

    def _next(self) -> Owed | None:
        at = self._clock()
        with self._database.read() as session:
            if not owed_reports.anything_due(session, at):
                return None
        with self._database.write() as unit_of_work:
            return owed_reports.take_next(unit_of_work, at=at, until=at + LEASE)

    def _call(self, owed: Owed) -> None:
        remote = self._ways.address_of(owed.peer)
        if remote is None:
            words = "the peer did not wait for its report, and [[peers]] names no port to call it at"
            self._give_up(owed, words)
            return
        words_of_failure = self._ways.call(remote, self._looked_up(owed))
        if words_of_failure is None:
            self._settle(owed, "reported")
            return
        at = self._clock()
        if at - owed.received_at > GIVE_UP_AFTER:
            self._give_up(owed, f"given up: {words_of_failure}")
        else:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(owed.attempts, 10))
            self._put_off(owed, at + pause, words_of_failure)
        with self._database.write() as unit_of_work:
            owed_reports.leave_alone(unit_of_work, owed.peer, at, at + FIRST_PAUSE)

    def _looked_up(self, owed: Owed) -> CommitmentReport:
        if owed.result is not None:
            return owed.result
        verdicts = self._verdicts(owed)
        with self._database.write() as unit_of_work:
            owed_reports.keep_result(unit_of_work, owed, verdicts)
        return owed_reports.report_of(owed.transaction_uid, verdicts)

    def _verdicts(self, owed: Owed) -> Sequence[Verdict]:
        """What the archive says; of a peer that may not ask any more, nothing is said."""
        try:
            commitments = self._ways.commitments_for(self._ways.caller_of(owed.peer))
            return _committed(commitments, owed.transaction_uid, owed.asked)
        except NotPermitted:
            return [Verdict(one, FailureReason.NO_SUCH_INSTANCE) for one in owed.asked]

    def _give_up(self, owed: Owed, words: str) -> None:
        logger.warning("report on storage commitment to %s: %s", owed.peer, words)
        self._settle(owed, words)

    def _settle(self, owed: Owed, words: str) -> None:
        with self._database.write() as unit_of_work:
            owed_reports.settle(unit_of_work, owed.peer, owed.transaction_uid, self._clock(), words)

    def _put_off(self, owed: Owed, until: datetime, words: str) -> None:
        with self._database.write() as unit_of_work:
            owed_reports.put_off(unit_of_work, owed, until, words)


def _committed(commitments: Commitments, transaction_uid: str, asked: Sequence[Reference]) -> Sequence[Verdict]:
    """Look every instance up; what was found before a process died is found again."""
    try:
        return commitments.commit(transaction_uid, asked)
    except TransactionInUse:
        found = commitments.result(transaction_uid)
    if found is None or [one.reference for one in found] != list(asked):
        return [Verdict(one, FailureReason.PROCESSING_FAILURE) for one in asked]
    return found
