"""The command set of a pending response, as pynetdicom would make it."""

import io

from pynetdicom.dimse_messages import C_FIND_RSP
from pynetdicom.dimse_primitives import C_FIND
from pynetdicom.dsutils import encode

from dimse.answer_messages import find_response
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
