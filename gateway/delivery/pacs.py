"""Senders to the destinations that are PACS, by C-STORE."""

from dimse.fallback import CopyMaker, FallbackSender, InstanceSender, RefusedClasses
from dimse.send import StorageSender
from gateway.config import DimseDestination
from gateway.delivery.advising import AdvisingSender
from gateway.hospitals.remotes import remote_of, timeouts_of


class PacsSenders:
    """Makes a sender under our AE title for each courier; those of one destination share what it was seen to refuse."""

    def __init__(self, calling_ae_title: str, make_copy: CopyMaker) -> None:
        self._calling_ae_title = calling_ae_title
        self._make_copy = make_copy
        self._refused: dict[str, RefusedClasses] = {}

    def __call__(self, destination: DimseDestination) -> InstanceSender:
        """A sender to the destination, with the last rung where it is to have one."""
        sender = StorageSender(
            remote_of(destination, destination.port),
            self._calling_ae_title,
            timeouts_of(destination),
            idle_seconds=destination.idle_seconds,
        )
        if not destination.secondary_capture:
            return AdvisingSender(sender)
        refused = self._refused.setdefault(destination.name, RefusedClasses())
        return FallbackSender(sender, self._make_copy, refused)
