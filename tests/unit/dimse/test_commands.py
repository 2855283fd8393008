"""Command sets of responses, as pynetdicom would make them."""

import io

import pytest
from pynetdicom.dimse_messages import C_GET_RSP, C_MOVE_RSP, C_STORE_RSP, DIMSEMessage
from pynetdicom.dimse_primitives import C_GET, C_MOVE, C_STORE
from pynetdicom.dsutils import encode

from dimse import commands
from dimse.retrieve_models import STUDY_ROOT_GET, STUDY_ROOT_MOVE


@pytest.mark.parametrize(
    ("response", "message", "uid", "field"),
    [(C_MOVE(), C_MOVE_RSP(), STUDY_ROOT_MOVE, 0x8021), (C_GET(), C_GET_RSP(), STUDY_ROOT_GET, 0x8010)],
    ids=["C-MOVE", "C-GET"],
)
def test_a_retrieve_response_is_byte_for_byte_that_of_the_library(
    response: C_MOVE | C_GET, message: DIMSEMessage, uid: str, field: int
) -> None:
    response.MessageIDBeingRespondedTo, response.AffectedSOPClassUID, response.Status = 513, uid, 0xFF00
    response.NumberOfRemainingSuboperations, response.NumberOfCompletedSuboperations = 7, 300
    response.NumberOfFailedSuboperations, response.NumberOfWarningSuboperations = 0, 2
    message.primitive_to_message(response)
    expected = encode(message.command_set, True, True)
    made = commands.command_set(
        {
            commands.STATUS: 0xFF00,
            commands.REMAINING: 7,
            commands.COMPLETED: 300,
            commands.FAILED: 0,
            commands.WARNING: 2,
            commands.AFFECTED_SOP_CLASS_UID: uid,
            commands.COMMAND_FIELD: field,
            commands.MESSAGE_ID_BEING_RESPONDED_TO: 513,
            commands.DATA_SET_TYPE: commands.NO_DATA_SET,
        }
    )
    assert made == expected


def test_a_store_response_is_byte_for_byte_that_of_the_library() -> None:
    response = C_STORE()
    response.MessageIDBeingRespondedTo, response.Status = 9, 0xA700
    response.AffectedSOPClassUID, response.AffectedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.34"
    vars(response).update(ErrorComment="no room", OffendingElement=[0x00080018])
    message = C_STORE_RSP()
    message.primitive_to_message(response)
    made = commands.command_set(
        {
            commands.COMMAND_FIELD: 0x8001,
            commands.MESSAGE_ID_BEING_RESPONDED_TO: 9,
            commands.DATA_SET_TYPE: commands.NO_DATA_SET,
            commands.STATUS: 0xA700,
            commands.AFFECTED_SOP_CLASS_UID: "1.2.840.10008.5.1.4.1.1.77.1.4",
            commands.AFFECTED_SOP_INSTANCE_UID: "1.2.34",
            commands.ERROR_COMMENT: "no room",
            commands.OFFENDING_ELEMENT: 0x00080018,
        }
    )
    assert made == encode(message.command_set, True, True)
    assert io.BytesIO(made).read(4) == b"\0\0\0\0"
