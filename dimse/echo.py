"""Asks a remote application entity whether it is there (C-ECHO, PS3.4 Annex A)."""

import queue
import time
from dataclasses import dataclass

from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.presentation import build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.association import AssociationFailed, Obstacle, break_off, request_association
from dimse.contexts import NATIVE_SYNTAXES, VERIFICATION
from dimse.status import Status

GLANCE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class EchoResult:
    """What came of a C-ECHO: verified, or why not, in words. `obstacle` is set where no association came about."""

    ok: bool
    words: str
    obstacle: Obstacle | None = None


def echo(remote: RemoteAE, calling_ae_title: str, timeouts: Timeouts | None = None) -> EchoResult:
    """Verify `remote`: reachable, associates with us, answers. Never raises for what the peer does."""
    timeouts = timeouts or Timeouts()
    context = build_context(VERIFICATION, [*NATIVE_SYNTAXES])
    try:
        association = request_association(remote, checked_ae_title(calling_ae_title), [context], timeouts)
    except AssociationFailed as failure:
        return EchoResult(False, failure.words, failure.obstacle)
    try:
        fault = echo_fault(echo_status(association, timeouts.dimse_seconds), remote)
        if not fault:
            association.release()
        return EchoResult(not fault, fault or f"{remote} verified")
    finally:
        break_off(association)


def echo_status(association: Association, seconds: float) -> int | None:
    """Send a C-ECHO over an association that takes it; the status it is answered with, None for no answer in time.

    Not by the library's own way, which lets the held reactor go: that would take the answer to what is asked next.
    """
    request = C_ECHO()
    request.MessageID = 1
    request.AffectedSOPClassUID = VERIFICATION
    taken = next(one for one in association.accepted_contexts if one.abstract_syntax == VERIFICATION)
    assert taken.context_id is not None
    association.dimse.send_msg(request, taken.context_id)
    answer = _next_message(association, time.monotonic() + seconds)
    return answer.Status if isinstance(answer, C_ECHO) else None


def _next_message(association: Association, deadline: float) -> object:
    while (remaining := deadline - time.monotonic()) > 0:
        try:
            return association.dimse.msg_queue.get(timeout=min(remaining, GLANCE_SECONDS))[1]
        except queue.Empty:
            if association.acse.is_aborted() or not association.dul.is_alive():
                return None
    return None


def echo_fault(status: int | None, remote: RemoteAE) -> str:
    """What is wrong with what `remote` answered to a C-ECHO, "" for nothing."""
    if status is None:
        return f"{remote} took the association but did not answer the echo"
    if status != Status.SUCCESS:
        return f"{remote} answered the echo with status 0x{status:04X}"
    return ""
