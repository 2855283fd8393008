"""The modality worklist as long as no system gives the gateway its orders."""

from dicomweb.archive import Matches, Search
from dicomweb.services.scheduled_steps import NoScheduledSteps
from gateway.access.caller import Caller, Permission


class UnfilledWorklist(NoScheduledSteps):
    """Nothing is scheduled, for callers who may ask; others are told that they may not (NotPermitted)."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def search(self, search: Search) -> Matches:
        """No match."""
        self._caller.require_hospital_wide(Permission.READ_WORKITEMS)
        return super().search(search)
