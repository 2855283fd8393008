"""Sends what a C-GET asked for back over the association it came on (PS3.4 C.4.3.2)."""

import itertools
import logging

from pynetdicom.association import Association

from dimse.addresses import Timeouts
from dimse.association import break_off
from dimse.encoded import EncodedDataSet
from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.exchange import MAX_MESSAGE_ID, NoAnswer, StoreMessage, exchange
from dimse.negotiation import chosen_context
from dimse.outgoing import OutgoingInstance
from dimse.status import meaning_of_store_status
from dimse.sub_operations import SubOutcome, outcome_of
from dimse.transcoding import CannotTranscode, in_syntax

logger = logging.getLogger(__name__)


class GetCarrier:
    """Stores with the requestor of an association, in the contexts in which it took the role of an SCP.

    As stored where that was negotiated, else uncompressed under the same UID, else not at all.
    """

    def __init__(self, association: Association, timeouts: Timeouts) -> None:
        self._association = association
        self._timeouts = timeouts
        self._contexts = [context for context in association.accepted_contexts if context.as_scu]
        self._message_ids = itertools.cycle(range(1, MAX_MESSAGE_ID + 1))
        self._is_lost = False

    @property
    def is_lost(self) -> bool:
        """Whether the requestor is gone."""
        return self._is_lost

    def send(self, instance: OutgoingInstance) -> SubOutcome:
        """Send one instance; a requestor that does not answer loses its association."""
        try:
            with instance.opened() as stored:
                return self._sent(instance, stored)
        except (UnreadableInstance, CannotTranscode) as error:
            logger.warning("instance %s cannot be given: %s", instance.sop_instance_uid, error)
            return SubOutcome.FAILED

    def close(self) -> None:
        """Leave the association to its requestor."""

    def _sent(self, instance: OutgoingInstance, stored: EncodedDataSet) -> SubOutcome:
        try:
            return outcome_of(meaning_of_store_status(self._store(instance, stored)).reaction)
        except (NoAnswer, UnavailableInstance) as error:  # perhaps after half of it has left
            logger.warning("association from %s aborted: %s", self._association.requestor.address, error)
            self._is_lost = True
            break_off(self._association)
            return SubOutcome.FAILED

    def _store(self, instance: OutgoingInstance, stored: EncodedDataSet) -> int:
        context = chosen_context(self._contexts, instance.pair, convertible=True)
        if context is None or context.context_id is None:
            raise CannotTranscode("no presentation context was negotiated for it")
        with in_syntax(stored, context.transfer_syntax[0]) as encoded:
            message = StoreMessage(
                context.context_id, next(self._message_ids), instance.sop_class_uid, instance.sop_instance_uid, encoded
            )
            return exchange(self._association, message, self._timeouts.response_seconds(encoded.length)).status
