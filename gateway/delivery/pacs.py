"""Senders to the destinations that are PACS, by C-STORE."""

from dimse.addresses import Timeouts
from dimse.fallback import CopyMaker, FallbackSender, RefusedClasses
from dimse.send import StorageSender
from gateway.config import DimseDestination
from gateway.delivery.advising import AdvisingSender
from gateway.delivery.courier import Sender
from gateway.hospitals.remotes import remote_of


class PacsSenders:
    """Makes a sender under our AE title for each courier; those of one destination share what it was seen to refuse."""

    def __init__(self, calling_ae_title: str, make_copy: CopyMaker) -> None:
        self._calling_ae_title = calling_ae_title
        self._make_copy = make_copy
        self._refused: dict[str, RefusedClasses] = {}

    def __call__(self, destination: DimseDestination) -> Sender:
        """A sender to the destination, with the last rung where it is to have one."""
        sender = StorageSender(
            remote_of(destination, destination.port),
            self._calling_ae_title,
            Timeouts(
                connect_seconds=destination.connect_seconds,
                acse_seconds=destination.acse_seconds,
                dimse_seconds=destination.dimse_seconds,
            ),
            idle_seconds=destination.idle_seconds,
        )
        if not destination.secondary_capture:
            return AdvisingSender(sender)
        refused = self._refused.setdefault(destination.name, RefusedClasses())
        return FallbackSender(sender, self._make_copy, refused)
