"""The command set of a pending response, as pynetdicom would make it."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from pynetdicom.dimse_messages import C_FIND_RSP
from pynetdicom.dimse_primitives import C_FIND
from pynetdicom.dsutils import encode

from dimse.answer_messages import AnswerMessages, find_response
from dimse.query_models import STUDY_ROOT_FIND
from dimse.querying import FindStatus


def test_the_find_response_is_byte_for_byte_that_of_the_library() -> None:
    response = C_FIND()
    response.MessageIDBeingRespondedTo = 513
    response.AffectedSOPClassUID = STUDY_ROOT_FIND
    response.Status = FindStatus.PENDING_KEYS_LEFT_ASIDE
    response.Identifier = io.BytesIO(b"\0" * 8)
    message = C_FIND_RSP()
    message.primitive_to_message(response)
    expected = encode(message.command_set, True, True)
    assert find_response(STUDY_ROOT_FIND, 513, FindStatus.PENDING_KEYS_LEFT_ASIDE) == expected


@pytest.mark.parametrize("longest", [1024, 1025, 2047])
def test_a_long_answer_goes_in_fragments_of_an_even_length(longest: int) -> None:
    """PS3.8 E.1: each fragment of a message consists of an even number of bytes."""
    sent: list[Any] = []
    association: Any = SimpleNamespace(
        requestor=SimpleNamespace(maximum_length=longest), dul=SimpleNamespace(send_pdu=sent.append)
    )
    identifier = bytes(range(250)) * 40
    messages = AnswerMessages(association, 1, sop_class_uid=STUDY_ROOT_FIND, message_id=1, status=FindStatus.PENDING)
    messages.send(identifier)
    values = [value for pdu in sent for _context, value in pdu.presentation_data_value_list][1:]
    assert b"".join(value[1:] for value in values) == identifier
    assert all(len(value[1:]) % 2 == 0 for value in values)
    assert all(len(value) + 5 <= longest for value in values), "with the length and the context before it"
