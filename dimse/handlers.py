"""What happens within an association that a peer has asked for: admitted or rejected, bounded, answered."""

import logging
import re
import traceback
from collections.abc import Callable

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu import P_DATA_TF

from dimse.addresses import checked_ae_title
from dimse.admission import Admission, Seats
from dimse.conversation import grant_extensions
from dimse.errors import InvalidAddress
from dimse.find import MAX_IDENTIFIER_BYTES, FindHandlers
from dimse.incoming import ProviderConfig, ReceivedInstance
from dimse.inflight import InFlight
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
from dimse.status import Status
from dimse.transport import is_workable_pdu_length

logger = logging.getLogger(__name__)

UID_PATTERN = re.compile(r"[0-9][0-9.]{0,63}")
"""What a UID looks like (PS3.5 9.1, leniently), checked before it comes near a path or a query."""

MAX_COMMAND_BYTES = 64 * 1024
MAX_WAITING_MESSAGES = 2
"""No asynchronous operations are negotiated, so a peer has one message under way (PS3.7 D.3.3.3)."""


class AssociationHandlers:
    """Handlers of the events of every association of one provider."""

    def __init__(
        self,
        config: ProviderConfig,
        admission: Admission,
        in_flight: InFlight,
        store: Callable[[ReceivedInstance], int],
        find: FindHandlers | None = None,
    ) -> None:
        self._config = config
        self._admission = admission
        self._seats = Seats(config.max_associations)
        self._in_flight = in_flight
        self._store = store
        self._find = find

    def bindings(self) -> list[evt.EventHandlerType]:
        """Return what pynetdicom binds: events and their handlers."""
        return [
            (evt.EVT_REQUESTED, self.handle_request),
            (evt.EVT_PDU_RECV, self.bound_message),
            (evt.EVT_C_STORE, self.handle_c_store),
            (evt.EVT_PDU_SENT, self.note_answer),
            (evt.EVT_CONN_CLOSE, self.note_close),
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
            or (data_set is not None and data_set.tell() > self._most_bytes(event.assoc))
            or dimse.msg_queue.qsize() > MAX_WAITING_MESSAGES
        ):
            logger.warning("association from %s aborted: it sends more than is taken", event.assoc.requestor.address)
            event.assoc.abort()

    def handle_c_store(self, event: evt.Event) -> int:
        """Answer a C-STORE request with the status that `store` gives."""
        association = event.assoc
        if not self._in_flight.begin(association):
            return Status.OUT_OF_RESOURCES
        try:
            return self._stored(event)
        finally:
            self._in_flight.stored(association, answerable=association.dul.is_alive())

    def note_answer(self, event: evt.Event) -> None:
        """Note that P-DATA has left: a response, the only thing that we send."""
        if isinstance(event.pdu, P_DATA_TF):
            self._in_flight.answered(event.assoc)

    def note_close(self, event: evt.Event) -> None:
        """Note that nobody waits for an answer any more."""
        self._in_flight.answered(event.assoc)

    def _most_bytes(self, association: Association) -> int:
        """Of the data set that is being received, which is an object or a query."""
        message = association.dimse.message
        context_id = message.context_id if message else None
        context = association._accepted_cx.get(context_id or 0)  # noqa: SLF001 - the library offers but a new list
        asks = context is not None and (context.abstract_syntax in LEVELS or context.abstract_syntax in FIND_MODELS)
        return min(MAX_IDENTIFIER_BYTES, self._config.max_object_bytes) if asks else self._config.max_object_bytes

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

    def _stored(self, event: evt.Event) -> int:
        request = event.request
        assert isinstance(request, C_STORE)
        refusal = _refusal(request, event.context.abstract_syntax)
        if refusal is not None:
            return refusal
        instance = _received(request, event)
        try:
            return int(self._store(instance))
        except Exception as error:  # noqa: BLE001 - the outer edge: the peer gets a status whatever happens
            # The frames only: the words of an exception may quote the data set.
            frames = "".join(traceback.format_tb(error.__traceback__))
            logger.error(  # noqa: TRY400 - logging.exception would print those words
                "storing instance %s failed: %s\n%s", instance.sop_instance_uid, type(error).__name__, frames
            )
            return Status.PROCESSING_FAILURE


def _refusal(request: C_STORE, abstract_syntax: str) -> Status | None:
    """Return the status for a request that is not fit to be handed on, None for one that is."""
    if request.AffectedSOPClassUID != abstract_syntax:
        return Status.SOP_CLASS_NOT_SUPPORTED
    if not UID_PATTERN.fullmatch(request.AffectedSOPInstanceUID or ""):
        return Status.INVALID_SOP_INSTANCE
    return None


def _received(request: C_STORE, event: evt.Event) -> ReceivedInstance:
    requestor = event.assoc.requestor
    assert requestor.primitive is not None
    return ReceivedInstance(
        calling_ae_title=(requestor.primitive.calling_ae_title or "").strip(),
        called_ae_title=(requestor.primitive.called_ae_title or "").strip(),
        address=requestor.address or "",
        sop_class_uid=str(request.AffectedSOPClassUID),
        sop_instance_uid=str(request.AffectedSOPInstanceUID),
        transfer_syntax_uid=str(event.context.transfer_syntax),
        data_set=event.encoded_dataset(include_meta=False),
    )
