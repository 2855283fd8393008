"""The pending responses of one C-FIND as P-DATA: a command set made once, one PDU for an answer (PS3.7 9.3.2.2, 6.3).

pynetdicom makes the same of each response anew, which costs more than finding and encoding the answer; the final
response, and everything below P-DATA, are its own.
"""

from typing import Any

from pynetdicom.association import Association
from pynetdicom.pdu_primitives import P_DATA

from dimse import commands
from dimse.pdata import fragment_bytes

_C_FIND_RSP = 0x8020
_LAST_COMMAND, _DATA, _LAST_DATA = b"\x03", b"\x00", b"\x02"
"""Message control headers (PS3.8 E.2)."""

_PDV_HEAD_BYTES = 6
"""Length, presentation context and message control header of one presentation data value."""


class AnswerMessages:
    """Sends answers to the request `message_id` of an association, all with the same status."""

    def __init__(
        self, association: Association, context_id: int, *, sop_class_uid: str, message_id: int, status: int
    ) -> None:
        self._association = association
        self._context_id = context_id
        self._longest = association.requestor.maximum_length or 0
        self._command = _LAST_COMMAND + find_response(sop_class_uid, message_id, status)

    def send(self, identifier: bytes) -> None:
        """Hand one answer to the upper layer."""
        together = len(self._command) + len(identifier) + 2 * _PDV_HEAD_BYTES
        if not self._longest or together <= self._longest:
            self._hand_over(self._command, _LAST_DATA + identifier)
            return
        self._hand_over(self._command)
        step = fragment_bytes(self._longest)
        for start in range(0, len(identifier), step):
            is_last = start + step >= len(identifier)
            self._hand_over((_LAST_DATA if is_last else _DATA) + identifier[start : start + step])

    def _hand_over(self, *values: bytes) -> None:
        pairs: list[Any] = [[self._context_id, value] for value in values]  # checked to be lists, annotated as tuples
        data = P_DATA()
        data.presentation_data_value_list = pairs
        self._association.dul.send_pdu(data)


def find_response(sop_class_uid: str, message_id: int, status: int) -> bytes:
    """The command set of a C-FIND response with an identifier (PS3.7 table 9.3-4)."""
    return commands.command_set(
        {
            commands.AFFECTED_SOP_CLASS_UID: sop_class_uid,
            commands.COMMAND_FIELD: _C_FIND_RSP,
            commands.MESSAGE_ID_BEING_RESPONDED_TO: message_id,
            commands.DATA_SET_TYPE: commands.DATA_SET_PRESENT,
            commands.STATUS: status,
        }
    )
