"""Serves storage commitment on associations that others ask for (Push Model, PS3.4 Annex J), in both roles.

As its provider it takes requests (N-ACTION) and reports at once, on the same association, where that can be; as its
user it hears the reports (N-EVENT-REPORT) of those that it asked itself, whenever they call.
"""

import logging
import time
import traceback
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.presentation import PresentationContext

from dimse.commitment_data import (
    COMMITMENT_CLASS,
    COMMITMENT_INSTANCE,
    CommitmentReport,
    CommitmentRequest,
    UnreadableCommitment,
    read_request,
)
from dimse.commitment_messages import REQUEST_COMMITMENT, Talk
from dimse.commitment_reports import heard
from dimse.conversation import caller_of, is_over
from dimse.inflight import InFlight

logger = logging.getLogger(__name__)


STAYS_SECONDS = 0.5
"""A peer that has not left by then waits for its report: one that releases the association as soon as its request is
taken may be held up for long by a message that it does not expect any more."""

GLANCE_SECONDS = 0.02


class RequestStatus(IntEnum):
    """What a request for storage commitment is answered with (PS3.7 10.1.4.1.10)."""

    TAKEN = 0x0000
    FAILED_HERE = 0x0110
    NO_SUCH_INSTANCE = 0x0112
    INVALID_ARGUMENT = 0x0115
    CLASS_CONFLICT = 0x0119
    NO_SUCH_ACTION = 0x0123
    NOT_AUTHORISED = 0x0124
    OUT_OF_RESOURCES = 0x0213


class Commitments(Protocol):
    """Those who know what is kept. Called from the associations' threads, several at a time; may block."""

    def hear(self, ae_title: str, report: CommitmentReport) -> int:
        """A report of the application entity on a request of ours: the status to answer with, once it is durable."""

    def take(self, ae_title: str, request: CommitmentRequest) -> int:
        """A request of the application entity: the status to answer with; durable before this returns 0x0000."""

    def report_now(self, ae_title: str, transaction_uid: str) -> CommitmentReport | None:
        """What to report on this association; None where that has to wait, or somebody else is at it."""

    def note_reported(self, ae_title: str, transaction_uid: str, *, taken: bool) -> None:
        """The application entity took what was reported, or did not."""


@dataclass(frozen=True, slots=True)
class CommitmentService:
    """Answers what is sent in the presentation contexts of storage commitment, on every association of a provider."""

    commitments: Commitments
    in_flight: InFlight
    response_seconds: float

    def serve(self, association: Association, message: N_ACTION | N_EVENT_REPORT, context: PresentationContext) -> None:
        """Answer one message, in the association's thread."""
        talk = Talk(association, context)
        if isinstance(message, N_EVENT_REPORT):
            self._hear(talk, message)
        else:
            self._take(talk, message)

    def _hear(self, talk: Talk, message: N_EVENT_REPORT) -> None:
        ae_title, _address = caller_of(talk.association)
        with _Begun(self.in_flight, talk.association) as may_begin:
            status = int(RequestStatus.OUT_OF_RESOURCES)
            if may_begin:
                status, _uid = heard(
                    message, lambda report: self.commitments.hear(ae_title, report), implicit=talk.implicit
                )
            talk.answer_report(message, status)

    def _take(self, talk: Talk, message: N_ACTION) -> None:
        ae_title, _address = caller_of(talk.association)
        with _Begun(self.in_flight, talk.association) as may_begin:
            status, request = int(RequestStatus.OUT_OF_RESOURCES), None
            if may_begin:
                status, request = self._taken(ae_title, message, implicit=talk.implicit)
            talk.answer_request(message, status)
        if status == RequestStatus.TAKEN and request is not None:
            self._report(talk, ae_title, request.transaction_uid)

    def _taken(self, ae_title: str, message: N_ACTION, *, implicit: bool) -> tuple[int, CommitmentRequest | None]:
        if message.RequestedSOPClassUID != COMMITMENT_CLASS:
            return RequestStatus.CLASS_CONFLICT, None
        if message.RequestedSOPInstanceUID != COMMITMENT_INSTANCE:
            return RequestStatus.NO_SUCH_INSTANCE, None
        if message.ActionTypeID != REQUEST_COMMITMENT:
            return RequestStatus.NO_SUCH_ACTION, None
        information = message.ActionInformation
        try:
            request = read_request(information.getvalue() if information is not None else b"", implicit=implicit)
        except UnreadableCommitment as error:
            logger.warning("a request for storage commitment cannot be read: %s", error)
            return RequestStatus.INVALID_ARGUMENT, None
        try:
            return self.commitments.take(ae_title, request), request
        except Exception as error:  # noqa: BLE001 - the outer edge: the peer gets a status whatever happens
            _log_fault("a request for storage commitment failed", error)
            return RequestStatus.FAILED_HERE, None

    def _report(self, talk: Talk, ae_title: str, transaction_uid: str) -> None:
        """Report on this association, where the peer stays for it; else it is reported later, on another one."""
        try:
            if not _stays(talk.association):
                self.commitments.note_reported(ae_title, transaction_uid, taken=False)
                return
            report = self.commitments.report_now(ae_title, transaction_uid)
            if report is None:
                return
            taken = talk.report(report, self.response_seconds)
            self.commitments.note_reported(ae_title, transaction_uid, taken=taken)
        except Exception as error:  # noqa: BLE001 - what is owed is written down, and is reported later
            _log_fault("reporting on storage commitment failed", error)


class _Begun:
    """A block that the provider waits for before it stops; False where it is to stop already."""

    def __init__(self, in_flight: InFlight, association: Association) -> None:
        self._in_flight = in_flight
        self._association = association
        self._may_begin = False

    def __enter__(self) -> bool:
        self._may_begin = self._in_flight.begin(self._association)
        return self._may_begin

    def __exit__(self, *_error: object) -> None:
        if self._may_begin:
            self._in_flight.ended(self._association)


def _stays(association: Association) -> bool:
    deadline = time.monotonic() + STAYS_SECONDS
    while time.monotonic() < deadline and not is_over(association):
        time.sleep(GLANCE_SECONDS)
    return not is_over(association)


def _log_fault(what: str, error: Exception) -> None:
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, frames)
