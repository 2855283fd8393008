"""Asks a remote application entity for storage commitment (Push Model, as its SCU, PS3.4 Annex J)."""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.presentation import build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.allowance import Allowance
from dimse.association import AssociationFailed, Obstacle, break_off, let_end, request_association
from dimse.commitment_data import COMMITMENT_CLASS, CommitmentReport, CommitmentRequest
from dimse.commitment_messages import GLANCE_SECONDS, Talk
from dimse.commitment_reports import heard
from dimse.contexts import NATIVE_SYNTAXES
from dimse.conversation import is_over
from dimse.errors import DimseError
from dimse.sockets import DialingSocket
from dimse.status import Status

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import DimseServiceType

MOST_RECEIVED_BYTES = 16 * 1024**2
"""Of all that a peer sends on one association; more ends it."""

NO_SUCH_ACTION = 0x0123

Hearer = Callable[[CommitmentReport], int]
"""Is given each report, and returns the status to answer it with."""

_NOT_OFFERED = frozenset(
    {
        Status.NO_SUCH_SOP_INSTANCE,
        Status.NO_SUCH_SOP_CLASS,
        Status.SOP_CLASS_NOT_SUPPORTED,
        Status.NOT_AUTHORISED,
        Status.UNRECOGNISED_OPERATION,
        NO_SUCH_ACTION,
    }
)


class CommitmentFailed(DimseError):
    """A request was not taken, or nobody knows whether: why, in words; `offered` is False where none ever would be."""

    def __init__(self, words: str, *, offered: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.offered = offered


class CommitmentAsker:
    """Asks `remote`, over an association for each request, on which reports are waited for `linger_seconds`.

    Not for use by two threads, but for `abort`.
    """

    def __init__(
        self, remote: RemoteAE, calling_ae_title: str, timeouts: Timeouts | None = None, *, linger_seconds: float = 5.0
    ) -> None:
        self._remote = remote
        self._calling_ae_title = checked_ae_title(calling_ae_title)
        self._timeouts = timeouts or Timeouts()
        self._linger_seconds = linger_seconds
        self._dialing: DialingSocket | None = None
        self._aborted = False

    def ask(self, request: CommitmentRequest, taken: Callable[[], None], hear: Hearer) -> None:
        """Ask; `taken` is called when the peer has taken the request, `hear` with each report that it gives meanwhile.

        `hear` is called in other threads, perhaps first. Raises CommitmentFailed. Blocks for the connect, ACSE and
        DIMSE timeouts and `linger_seconds` at most.
        """
        association = self._associated()
        try:
            talk = Talk(association, association.accepted_contexts[0])
            reports = _Reports(talk, hear)
            talk.request(request)
            self._check(self._response(association))
            taken()
            reports.wait_for(request.transaction_uid, self._linger_seconds)
            _part(association)
        finally:
            break_off(association)

    def abort(self) -> None:
        """Break off, from any thread and for good."""
        self._aborted = True
        if self._dialing is not None:
            self._dialing.hang_up()

    def _associated(self) -> Association:
        contexts = [build_context(COMMITMENT_CLASS, [*NATIVE_SYNTAXES])]
        try:
            association = request_association(
                self._remote, self._calling_ae_title, contexts, self._timeouts, self._note_dialing
            )
        except AssociationFailed as failure:
            refused = failure.obstacle is Obstacle.NO_PRESENTATION_CONTEXT
            words = f"{self._remote} does not take storage commitment" if refused else failure.words
            raise CommitmentFailed(words, offered=not refused) from failure
        association.bind(evt.EVT_PDU_RECV, Allowance(MOST_RECEIVED_BYTES).count)
        return association

    def _note_dialing(self, dialing: DialingSocket) -> None:
        self._dialing = dialing
        if self._aborted:
            dialing.hang_up()

    def _response(self, association: Association) -> object:
        """The next message, which is to be the response; raises CommitmentFailed where none comes."""
        deadline = time.monotonic() + self._timeouts.dimse_seconds
        while time.monotonic() < deadline:
            with suppress(queue.Empty):
                _, message = association.dimse.msg_queue.get(timeout=GLANCE_SECONDS)
                if message is None:
                    break
                return message
            if is_over(association):
                break
        else:
            raise CommitmentFailed(f"{self._remote} did not answer in time")
        raise CommitmentFailed(f"{self._remote} broke off")

    def _check(self, message: object) -> None:
        """Raise CommitmentFailed unless `message` says that the request was taken."""
        if not isinstance(message, N_ACTION) or message.Status is None:
            raise CommitmentFailed(f"{self._remote} answered with something else than an N-ACTION response")
        if message.Status != Status.SUCCESS:
            words = f"{self._remote} answered the request for storage commitment with status 0x{message.Status:04X}"
            raise CommitmentFailed(words, offered=message.Status not in _NOT_OFFERED)


class _Reports:
    """Takes what the peer reports meanwhile, in the thread that the library gives to each report.

    One at a time: a peer that has more under way was granted no asynchronous operations, and loses its association.
    """

    def __init__(self, talk: Talk, hear: Hearer) -> None:
        self._talk = talk
        self._hear = hear
        self._turn = threading.Lock()
        self._heard = threading.Condition()
        self._transactions: set[str | None] = set()
        # The library's own serving takes the held association for one that runs again.
        talk.association._serve_request = self._serve  # type: ignore[method-assign]  # noqa: SLF001 - no other way

    def wait_for(self, transaction_uid: str, seconds: float) -> None:
        """Return when this transaction was reported on, the peer has left, or the time is over."""
        deadline = time.monotonic() + seconds
        with self._heard:
            while transaction_uid not in self._transactions and time.monotonic() < deadline:
                if is_over(self._talk.association):
                    return
                self._heard.wait(GLANCE_SECONDS)

    def _serve(self, msg: "DimseServiceType", context_id: int) -> None:  # noqa: ARG002 - as the library calls it
        if not isinstance(msg, N_EVENT_REPORT) or not self._turn.acquire(blocking=False):
            break_off(self._talk.association)
            return
        try:
            status, transaction_uid = heard(msg, self._hear, implicit=self._talk.implicit)
            self._talk.answer_report(msg, status)
        finally:
            self._turn.release()
        with self._heard:
            self._transactions.add(transaction_uid)
            self._heard.notify_all()


def _part(association: Association) -> None:
    """Release the association, or answer the peer's release."""
    if is_over(association):
        let_end(association)
    else:
        association.release()
