"""What `dermgate check` finds of the hospital's worklist: whether it lets us ask. Nobody's order is asked for."""

from dimse.addresses import RemoteAE, Timeouts
from dimse.asking import QueryFailed, asking
from dimse.worklist import MODALITY_WORKLIST_FIND
from gateway.config import WorklistSettings
from gateway.hospitals.remotes import dialling


def look_at_worklist(settings: WorklistSettings, calling_ae_title: str) -> str | None:
    """What is wrong with it, "" for nothing; None where there is none."""
    if settings.host is None or settings.ae_title is None:
        return None
    remote = RemoteAE(settings.host, settings.port, settings.ae_title, dialling(settings))
    seconds = settings.seconds
    timeouts = Timeouts(seconds, seconds, seconds, seconds)
    try:
        with asking(remote, calling_ae_title, [MODALITY_WORKLIST_FIND], timeouts):
            return ""
    except QueryFailed as failure:
        return failure.words
