"""Sends what a C-MOVE asked for to its destination, over an association of its own (PS3.4 C.4.2.2)."""

import logging
from collections.abc import Sequence

from dimse.errors import UnreadableInstance
from dimse.outgoing import MoveOriginator, OutgoingInstance
from dimse.reactions import Reaction
from dimse.retrieving import MoveDestination
from dimse.send import StorageSender
from dimse.sub_operations import SubOutcome, outcome_of

logger = logging.getLogger(__name__)


class MoveCarrier:
    """Sends to the destination of one C-MOVE; what it is to send is offered in one association."""

    def __init__(
        self,
        destination: MoveDestination,
        ae_title: str,
        originator: MoveOriginator,
        instances: Sequence[OutgoingInstance],
    ) -> None:
        self._destination = destination
        self._sender = StorageSender(destination.remote, ae_title, destination.timeouts, originator=originator)
        self._sender.expect(dict.fromkeys(instance.pair for instance in instances))
        self._is_lost = False

    @property
    def is_lost(self) -> bool:
        """Whether the destination takes nothing now."""
        return self._is_lost

    def send(self, instance: OutgoingInstance) -> SubOutcome:
        """Send one instance, and hear from the destination what became of it."""
        try:
            result = self._sender.send(instance)
        except UnreadableInstance as error:
            logger.warning("instance %s cannot be moved: %s", instance.sop_instance_uid, error)
            return SubOutcome.FAILED
        self._is_lost = result.reaction.concerns_destination or result.reaction is Reaction.UNKNOWN_OUTCOME
        outcome = outcome_of(result.reaction)
        if outcome is SubOutcome.FAILED:
            logger.warning("instance %s was not moved: %s", instance.sop_instance_uid, result.message)
        return outcome

    def close(self) -> None:
        """Release the association."""
        self._sender.close()
