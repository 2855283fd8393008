"""What is sent comes from the archive."""

from collections.abc import Callable

from dimse.outgoing import OutgoingInstance
from gateway.access.caller import SYSTEM, Caller
from gateway.archive.errors import UnknownInstance
from gateway.archive.retrieval import DeliverableInstance
from gateway.delivery.courier import InstanceSource


def archive_source(find: Callable[[Caller, int, int], DeliverableInstance]) -> InstanceSource:
    """A source over the archive's `instance_for_delivery`: nobody asks at that moment, so the gateway itself does.

    What a correction has taken the place of is not sent any more, by whoever it was in hand.
    """

    def source(instance_id: int, revision: int) -> OutgoingInstance | None:
        try:
            found = find(SYSTEM, instance_id, revision)
        except UnknownInstance:
            return None
        if not found.is_current:
            return None
        return OutgoingInstance(
            found.identity.sop_class_uid, found.identity.sop_instance_uid, found.transfer_syntax_uid, found.open
        )

    return source
