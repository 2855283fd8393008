"""Calls an application entity to report on the storage commitment it asked for (as its provider, PS3.4 J.3.3)."""

from pynetdicom.presentation import build_context, build_role

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.association import AssociationFailed, break_off, request_association
from dimse.commitment_data import COMMITMENT_CLASS, CommitmentReport
from dimse.commitment_messages import Talk
from dimse.contexts import NATIVE_SYNTAXES


def call_and_report(
    remote: RemoteAE, calling_ae_title: str, report: CommitmentReport, timeouts: Timeouts
) -> str | None:
    """Report over an association of our own, on which we are the provider; None once it was taken, else why not."""
    contexts = [build_context(COMMITMENT_CLASS, [*NATIVE_SYNTAXES])]
    roles = [build_role(COMMITMENT_CLASS, scp_role=True)]
    try:
        association = request_association(remote, checked_ae_title(calling_ae_title), contexts, timeouts, roles=roles)
    except AssociationFailed as failure:
        return failure.words
    try:
        if not Talk(association, association.accepted_contexts[0]).report(report, timeouts.dimse_seconds):
            return f"{remote} did not take the report"
        association.release()
        return None
    finally:
        break_off(association)
