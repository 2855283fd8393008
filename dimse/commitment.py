"""Asks a remote application entity for storage commitment (Push Model, as its SCU, PS3.4 Annex J)."""

import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.presentation import PresentationContext, build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.allowance import Allowance
from dimse.association import AssociationFailed, Obstacle, break_off, let_end, request_association
from dimse.commitment_data import (
    COMMITMENT_CLASS,
    COMMITMENT_INSTANCE,
    CommitmentReport,
    CommitmentRequest,
    written_request,
)
from dimse.commitment_reports import heard
from dimse.contexts import NATIVE_SYNTAXES
from dimse.errors import DimseError
from dimse.sockets import DialingSocket
from dimse.status import Status

REQUEST_COMMITMENT = 1
"""Action Type ID (PS3.4 table J.3-1)."""

MOST_RECEIVED_BYTES = 16 * 1024**2
GLANCE_SECONDS = 0.1

Hearer = Callable[[CommitmentReport], int]
"""Is given each report, and returns the status to answer it with."""

_NOT_OFFERED = frozenset(
    {
        Status.NO_SUCH_SOP_INSTANCE,
        Status.NO_SUCH_SOP_CLASS,
        Status.SOP_CLASS_NOT_SUPPORTED,
        Status.NOT_AUTHORISED,
        Status.UNRECOGNISED_OPERATION,
        0x0123,  # no such action
    }
)


class CommitmentFailed(DimseError):
    """A request was not taken, or nobody knows whether: why, in words; `offered` is False where none ever would be."""

    def __init__(self, words: str, *, offered: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.offered = offered


@dataclass(frozen=True, slots=True)
class _Line:
    """An association on which a commitment is asked for, and its presentation context."""

    remote: RemoteAE
    association: Association
    context: PresentationContext

    def send(self, request: CommitmentRequest) -> None:
        message = N_ACTION()
        message.MessageID = 1
        message.RequestedSOPClassUID = UID(COMMITMENT_CLASS)
        message.RequestedSOPInstanceUID = UID(COMMITMENT_INSTANCE)
        message.ActionTypeID = REQUEST_COMMITMENT
        implicit = self.context.transfer_syntax[0].is_implicit_VR
        message.ActionInformation = BytesIO(written_request(request, implicit=implicit))
        assert self.context.context_id is not None
        self.association.dimse.send_msg(message, self.context.context_id)

    def receive(self, deadline: float) -> object:
        """The next message; raises CommitmentFailed where none comes."""
        while (remaining := deadline - time.monotonic()) > 0:
            with suppress(queue.Empty):
                _, message = self.association.dimse.msg_queue.get(timeout=min(remaining, GLANCE_SECONDS))
                if message is None:
                    break
                return message
            if self._is_over():
                break
        else:
            raise CommitmentFailed(f"{self.remote} did not answer in time")
        raise CommitmentFailed(f"{self.remote} broke off")

    def answer(self, message: N_EVENT_REPORT, hear: Hearer) -> str | None:
        """Answer a report; its transaction, None where it could not be read."""
        assert self.context.context_id is not None
        implicit = self.context.transfer_syntax[0].is_implicit_VR
        status, transaction_uid = heard(message, hear, implicit=implicit)
        response = N_EVENT_REPORT()
        response.MessageIDBeingRespondedTo = message.MessageID
        response.AffectedSOPClassUID = message.AffectedSOPClassUID
        response.AffectedSOPInstanceUID = message.AffectedSOPInstanceUID
        response.EventTypeID = message.EventTypeID
        response.Status = status
        self.association.dimse.send_msg(response, self.context.context_id)
        return transaction_uid

    def part(self) -> None:
        """Release the association, or answer the peer's release."""
        if self._is_over():
            let_end(self.association)
        else:
            self.association.release()

    def _is_over(self) -> bool:
        association = self.association
        return (
            association.acse.is_aborted() or association.acse.is_release_requested() or not association.dul.is_alive()
        )


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

    def ask(self, request: CommitmentRequest, hear: Hearer) -> None:
        """Return when the peer has taken `request`, and what it reported meanwhile was handed to `hear`.

        Raises CommitmentFailed. Blocks for the connect, ACSE and DIMSE timeouts and `linger_seconds` at most.
        """
        line = self._line()
        try:
            reported = self._asked(line, request, hear)
            if request.transaction_uid not in reported:
                self._listen(line, request.transaction_uid, hear)
            line.part()
        finally:
            break_off(line.association)

    def abort(self) -> None:
        """Break off, from any thread and for good."""
        self._aborted = True
        if self._dialing is not None:
            self._dialing.hang_up()

    def _line(self) -> _Line:
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
        return _Line(self._remote, association, association.accepted_contexts[0])

    def _note_dialing(self, dialing: DialingSocket) -> None:
        self._dialing = dialing
        if self._aborted:
            dialing.hang_up()

    def _asked(self, line: _Line, request: CommitmentRequest, hear: Hearer) -> set[str | None]:
        """Send the request and wait until it is taken; the transactions that were reported on before."""
        line.send(request)
        reported: set[str | None] = set()
        deadline = time.monotonic() + self._timeouts.dimse_seconds
        while isinstance(message := line.receive(deadline), N_EVENT_REPORT) and message.is_valid_request:
            reported.add(line.answer(message, hear))
        _check(message, self._remote)
        return reported

    def _listen(self, line: _Line, transaction_uid: str, hear: Hearer) -> None:
        """Take reports until that on `transaction_uid` has come, the peer ends, or the time is over."""
        deadline = time.monotonic() + self._linger_seconds
        with suppress(CommitmentFailed):
            while True:
                message = line.receive(deadline)
                if not isinstance(message, N_EVENT_REPORT) or not message.is_valid_request:
                    return
                if line.answer(message, hear) == transaction_uid:
                    return


def _check(message: object, remote: RemoteAE) -> None:
    """Raise CommitmentFailed unless `message` says that the request was taken."""
    if not isinstance(message, N_ACTION) or message.Status is None:
        raise CommitmentFailed(f"{remote} answered with something else than an N-ACTION response")
    if message.Status != Status.SUCCESS:
        words = f"{remote} answered the request for storage commitment with status 0x{message.Status:04X}"
        raise CommitmentFailed(words, offered=message.Status not in _NOT_OFFERED)
