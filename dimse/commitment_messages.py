"""The messages of storage commitment on an association: requests, reports, and their responses (PS3.7 10.1).

Sent by ourselves: the library's own ways of sending stop the thread that reads the association, or would take for the
response whatever comes next.
"""

import queue
import time
from contextlib import suppress
from io import BytesIO
from typing import Any

from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.presentation import PresentationContext

from dimse.commitment_data import (
    COMMITMENT_CLASS,
    COMMITMENT_INSTANCE,
    CommitmentReport,
    CommitmentRequest,
    written_report,
    written_request,
)
from dimse.conversation import is_over

REQUEST_COMMITMENT = 1
"""Action Type ID (PS3.4 table J.3-1)."""

GLANCE_SECONDS = 0.1


class Talk:
    """Messages of storage commitment in one presentation context of an association."""

    def __init__(self, association: Association, context: PresentationContext) -> None:
        self.association = association
        self.implicit = UID(context.transfer_syntax[0]).is_implicit_VR
        assert context.context_id is not None
        self._context_id = context.context_id

    def request(self, request: CommitmentRequest) -> None:
        """Ask for storage commitment."""
        message = N_ACTION()
        message.MessageID = 1
        message.RequestedSOPClassUID = UID(COMMITMENT_CLASS)
        message.RequestedSOPInstanceUID = UID(COMMITMENT_INSTANCE)
        message.ActionTypeID = REQUEST_COMMITMENT
        message.ActionInformation = BytesIO(written_request(request, implicit=self.implicit))
        self.association.dimse.send_msg(message, self._context_id)

    def answer_report(self, message: N_EVENT_REPORT, status: int) -> None:
        """The response to a report."""
        response = N_EVENT_REPORT()
        response.MessageIDBeingRespondedTo = message.MessageID
        response.AffectedSOPClassUID = message.AffectedSOPClassUID
        response.AffectedSOPInstanceUID = message.AffectedSOPInstanceUID
        response.EventTypeID = message.EventTypeID
        response.Status = status
        self.association.dimse.send_msg(response, self._context_id)

    def answer_request(self, message: N_ACTION, status: int) -> None:
        """The response to a request."""
        response = N_ACTION()
        response.MessageIDBeingRespondedTo = message.MessageID
        response.AffectedSOPClassUID = message.RequestedSOPClassUID
        response.AffectedSOPInstanceUID = message.RequestedSOPInstanceUID
        response.ActionTypeID = message.ActionTypeID
        response.Status = status
        self.association.dimse.send_msg(response, self._context_id)

    def report(self, report: CommitmentReport, seconds: float) -> bool:
        """Send a report and wait for its response; whether the peer took it.

        What the peer sends meanwhile is put back for whoever reads the association.
        """
        if is_over(self.association):
            return False
        message = N_EVENT_REPORT()
        message.MessageID = 1
        message.AffectedSOPClassUID = UID(COMMITMENT_CLASS)
        message.AffectedSOPInstanceUID = UID(COMMITMENT_INSTANCE)
        message.EventTypeID = report.event_type
        message.EventInformation = BytesIO(written_report(report, implicit=self.implicit))
        self.association.dimse.send_msg(message, self._context_id)
        return self._is_taken(time.monotonic() + seconds)

    def _is_taken(self, deadline: float) -> bool:
        waiting = self.association.dimse.msg_queue
        others: list[Any] = []
        try:
            while time.monotonic() < deadline:
                with suppress(queue.Empty):
                    context_id, message = waiting.get(timeout=GLANCE_SECONDS)
                    if isinstance(message, N_EVENT_REPORT) and message.Status is not None:
                        return int(message.Status) == 0
                    others.append((context_id, message))
                if is_over(self.association) or others[-1:] == [(None, None)]:
                    return False
            return False
        finally:
            for other in others:
                waiting.put(other)
