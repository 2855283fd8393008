"""Receives C-STORE requests as they come off the socket: their data sets go to a sink, PDU by PDU (PS3.7 9.1.1).

pynetdicom negotiates, and has all other messages. Its own way of receiving copies each byte several times, holds the
whole data set, and hands it from thread to thread.
"""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from pynetdicom.association import Association

from dimse import commands
from dimse.addresses import Timeouts
from dimse.conversation import caller_of
from dimse.incoming import StoreRequest
from dimse.incoming_message import IncomingMessage, NoStore
from dimse.inflight import InFlight
from dimse.pdata import command_pdus, fragment_bytes
from dimse.sinks import GuardedSink, RefusedSink
from dimse.status import Status
from dimse.store_messages import STORE_REQUEST, command_elements, command_field, read_number
from dimse.storing import BeginStore, InstanceSink
from dimse.transport import BoundedSocket

logger = logging.getLogger(__name__)

UID_PATTERN = re.compile(r"[0-9][0-9.]{0,63}")
"""What a UID looks like (PS3.5 9.1, leniently), checked before it comes near a path or a query."""

_C_STORE_RSP = 0x8001

Elements = Mapping[int, bytes]
"""Of a command set: element number -> value."""


@dataclass(frozen=True, slots=True)
class StoreService:
    """Takes the instances of every association of one provider; each of at most `max_object_bytes`."""

    begin: BeginStore
    in_flight: InFlight
    max_object_bytes: int
    timeouts: Timeouts

    def serve_one(self, association: Association, connection: BoundedSocket) -> None:
        """Receive one C-STORE request from its first byte on, have it stored, answer.

        Raises:
            NoStore: something else comes; what was read of it was handed back.
            MalformedPdata, MalformedCommand: it breaks the protocol.
            ObjectTooLong: it is longer than is taken.
            OSError: the connection is gone, or its peer too slow.
        """
        incoming = IncomingMessage(connection, self.timeouts)
        context_id, command = incoming.command()
        elements = command_elements(command)
        context = association._accepted_cx.get(context_id)  # noqa: SLF001 - the library offers but a new list
        if not _is_store(elements) or context is None:
            incoming.hand_back()
            raise NoStore("another message")
        request = _request(association, elements, str(context.transfer_syntax[0]))
        refusal = _refusal(request, str(context.abstract_syntax))
        sink = GuardedSink(self.begin, request) if refusal is None else RefusedSink(refusal)
        try:
            self._receive(incoming, sink)
            status = self._stored(association, sink)
            response = commands.command_set(_response(elements, request, status))
            fragment = fragment_bytes(association.dimse.maximum_pdu_size)
            deadline = time.monotonic() + self.timeouts.network_seconds
            connection.send_all(command_pdus(context_id, response, fragment), deadline)
        finally:
            self.in_flight.ended(association)

    def _receive(self, incoming: IncomingMessage, sink: InstanceSink) -> None:
        try:
            for chunk in incoming.data(self.max_object_bytes):
                sink.write(chunk)
        except BaseException:
            sink.abort()
            raise

    def _stored(self, association: Association, sink: InstanceSink) -> int:
        if self.in_flight.begin(association):
            return sink.finish()
        sink.abort()
        return Status.OUT_OF_RESOURCES


def _is_store(elements: Elements) -> bool:
    return (
        command_field(elements) == STORE_REQUEST
        and read_number(elements, commands.DATA_SET_TYPE) != commands.NO_DATA_SET
    )


def _request(association: Association, elements: Elements, transfer_syntax_uid: str) -> StoreRequest:
    calling_ae_title, address = caller_of(association)
    primitive = association.requestor.primitive
    assert primitive is not None
    return StoreRequest(
        calling_ae_title=calling_ae_title,
        called_ae_title=(primitive.called_ae_title or "").strip(),
        address=address,
        sop_class_uid=_text(elements, commands.AFFECTED_SOP_CLASS_UID),
        sop_instance_uid=_text(elements, commands.AFFECTED_SOP_INSTANCE_UID),
        transfer_syntax_uid=transfer_syntax_uid,
    )


def _refusal(request: StoreRequest, abstract_syntax: str) -> Status | None:
    """Return the status for a request that is not fit to be handed on, None for one that is."""
    if request.sop_class_uid != abstract_syntax:
        return Status.SOP_CLASS_NOT_SUPPORTED
    if not UID_PATTERN.fullmatch(request.sop_instance_uid):
        return Status.INVALID_SOP_INSTANCE
    return None


def _response(elements: Elements, request: StoreRequest, status: int) -> dict[int, commands.Value]:
    """The response (PS3.7 table 9.3-2); UIDs come back as they came as far as they are some."""
    response: dict[int, commands.Value] = {
        commands.COMMAND_FIELD: _C_STORE_RSP,
        commands.MESSAGE_ID_BEING_RESPONDED_TO: read_number(elements, commands.MESSAGE_ID) or 0,
        commands.DATA_SET_TYPE: commands.NO_DATA_SET,
        commands.STATUS: status,
    }
    named = {
        commands.AFFECTED_SOP_CLASS_UID: request.sop_class_uid,
        commands.AFFECTED_SOP_INSTANCE_UID: request.sop_instance_uid,
    }
    return response | {element: uid for element, uid in named.items() if UID_PATTERN.fullmatch(uid)}


def _text(elements: Elements, element: int) -> str:
    return elements.get(element, b"").decode("ascii", "replace").strip("\0 ")
