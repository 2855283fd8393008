"""What happens within an association that a peer has asked for: admitted or rejected, bounded, answered."""

import logging

from pynetdicom import evt
from pynetdicom.association import Association

from dimse.addresses import checked_ae_title
from dimse.admission import Admission, Seats
from dimse.conversation import grant_extensions
from dimse.errors import InvalidAddress
from dimse.find import MAX_IDENTIFIER_BYTES, FindHandlers
from dimse.incoming import ProviderConfig
from dimse.query_models import LEVELS
from dimse.rejection import (
    CALLED_AE_NOT_RECOGNISED,
    CALLING_AE_NOT_RECOGNISED,
    LOCAL_LIMIT_EXCEEDED,
    NO_REASON_GIVEN,
    Rejection,
)
from dimse.retrieve_models import FIND_MODELS
from dimse.roles import prefer_as_proposed
from dimse.transport import is_workable_pdu_length

logger = logging.getLogger(__name__)

MAX_COMMAND_BYTES = 64 * 1024
MAX_LIST_BYTES = 4 * 1024 * 1024
"""Of the data set of what is neither a store, which never gets here, nor a query: a list of instances."""
MAX_WAITING_MESSAGES = 2
"""No asynchronous operations are negotiated, so a peer has one message under way (PS3.7 D.3.3.3)."""


class AssociationHandlers:
    """Handlers of the events of every association of one provider."""

    def __init__(
        self,
        config: ProviderConfig,
        admission: Admission,
        find: FindHandlers | None = None,
    ) -> None:
        self._config = config
        self._admission = admission
        self._seats = Seats(config.max_associations)
        self._find = find

    def bindings(self) -> list[evt.EventHandlerType]:
        """Return what pynetdicom binds: events and their handlers."""
        return [
            (evt.EVT_REQUESTED, self.handle_request),
            (evt.EVT_PDU_RECV, self.bound_message),
            (evt.EVT_SOP_EXTENDED, grant_extensions),
            *(self._find.bindings() if self._find else ()),
        ]

    def handle_request(self, event: evt.Event) -> None:
        """Reject an association that may not be; pynetdicom goes on with the others."""
        association = event.assoc
        request = association.requestor.primitive
        assert request is not None
        calling, called = request.calling_ae_title or "", request.called_ae_title or ""
        address = association.requestor.address or ""
        rejection = self._objection(association, calling, called, address)
        if rejection is None:
            prefer_as_proposed(association)
        else:
            logger.warning("association of %r from %s to %r rejected: %s", calling, address, called, rejection)
            association.acse.send_reject(rejection.result, rejection.source, rejection.reason)
            association.kill()

    def bound_message(self, event: evt.Event) -> None:
        """Abort an association whose message, or whose queue of messages, grows beyond its bounds."""
        if event.assoc._sent_abort:  # noqa: SLF001 - the library says it nowhere else; what still comes is ignored
            return
        dimse = event.assoc.dimse
        message = dimse.message
        command = message.encoded_command_set if message else None
        data_set = message.data_set if message else None
        if (
            (command is not None and command.tell() > MAX_COMMAND_BYTES)
            or (data_set is not None and data_set.tell() > _most_bytes(event.assoc))
            or dimse.msg_queue.qsize() > MAX_WAITING_MESSAGES
        ):
            logger.warning("association from %s aborted: it sends more than is taken", event.assoc.requestor.address)
            event.assoc.abort()

    def _objection(self, association: Association, calling: str, called: str, address: str) -> Rejection | None:
        try:
            calling = checked_ae_title(calling)
        except InvalidAddress:
            return CALLING_AE_NOT_RECOGNISED
        if not self._admission.allows(calling, address):
            return CALLING_AE_NOT_RECOGNISED
        if self._config.require_called_ae_title and called.strip() != self._config.ae_title:
            return CALLED_AE_NOT_RECOGNISED
        if not is_workable_pdu_length(association.requestor.maximum_length):
            return NO_REASON_GIVEN
        return None if self._seats.take(association) else LOCAL_LIMIT_EXCEEDED


def _most_bytes(association: Association) -> int:
    """Of the data set that is being received."""
    message = association.dimse.message
    context_id = message.context_id if message else None
    context = association._accepted_cx.get(context_id or 0)  # noqa: SLF001 - the library offers but a new list
    asks = context is not None and (context.abstract_syntax in LEVELS or context.abstract_syntax in FIND_MODELS)
    return MAX_IDENTIFIER_BYTES if asks else MAX_LIST_BYTES
