"""Asks a remote application entity whether it is there (C-ECHO, PS3.4 Annex A)."""

from dataclasses import dataclass

from pynetdicom.association import Association
from pynetdicom.presentation import build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.association import AssociationFailed, Obstacle, break_off, request_association
from dimse.contexts import NATIVE_SYNTAXES, VERIFICATION
from dimse.status import Status


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
        fault = echo_fault(association, remote)
        if not fault:
            association.release()
        return EchoResult(not fault, fault or f"{remote} verified")
    finally:
        break_off(association)


def echo_fault(association: Association, remote: RemoteAE) -> str:
    """Send a C-ECHO over an association that takes it; what is wrong with the answer, "" for nothing."""
    status = association.send_c_echo()
    if "Status" not in status:
        return f"{remote} took the association but did not answer the echo"
    if status.Status != Status.SUCCESS:
        return f"{remote} answered the echo with status 0x{status.Status:04X}"
    return ""
