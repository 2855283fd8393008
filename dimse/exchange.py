"""One C-STORE over an established association: request out, response in (PS3.7 9.1.1).

Everything that depends on how P-DATA is written and read stands here.
"""

import queue
import time
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from dimse.errors import DimseError
from dimse.outgoing import MoveOriginator

MEDIUM_PRIORITY = 0
LONGEST_COMMENT = 64
MAX_MESSAGE_ID = 0xFFFF
GLANCE_SECONDS = 0.5
"""How often a wait looks whether anybody is left to answer."""


class NoAnswer(DimseError):
    """No usable response came; whether the peer has the instance is unknown."""


class ConnectionLost(NoAnswer):
    """The association ended before a response came."""


@dataclass(frozen=True, slots=True)
class StoreMessage:
    """One C-STORE request: `data_set` is encoded as presentation context `context_id` was accepted."""

    context_id: int
    message_id: int
    sop_class_uid: str
    sop_instance_uid: str
    data_set: bytes
    originator: MoveOriginator | None = None


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """The response: its status, and what the peer added to it (see `SendResult`)."""

    status: int
    comment: str
    offending_elements: tuple[str, ...]


def exchange(association: Association, message: StoreMessage, response_seconds: float) -> StoreAnswer:
    """Send `message` and wait for its response; one exchange at a time on an association.

    The association's reactor must be held (`request_association` does). Raises NoAnswer, after which the
    association must not be used again.
    """
    request = C_STORE()
    request.MessageID = message.message_id
    request.Priority = MEDIUM_PRIORITY
    request.AffectedSOPClassUID = UID(message.sop_class_uid)
    request.AffectedSOPInstanceUID = UID(message.sop_instance_uid)
    request.DataSet = BytesIO(message.data_set)
    if message.originator is not None:
        request.MoveOriginatorApplicationEntityTitle = message.originator.ae_title
        request.MoveOriginatorMessageID = message.originator.message_id
    association.dimse.send_msg(request, message.context_id)
    return _checked(_response(association, response_seconds), message)


def _response(association: Association, seconds: float) -> object:
    deadline = time.monotonic() + seconds
    while (remaining := deadline - time.monotonic()) > 0:
        try:
            _, response = association.dimse.msg_queue.get(timeout=min(remaining, GLANCE_SECONDS))
        except queue.Empty:
            if association.acse.is_aborted() or not association.dul.is_alive():
                raise ConnectionLost("the connection broke while waiting for the answer") from None
            continue
        if response is None:
            raise ConnectionLost("the connection broke before an answer came")
        return response
    raise NoAnswer(f"no answer came within {seconds:.0f} s")


def _checked(response: object, message: StoreMessage) -> StoreAnswer:
    if not isinstance(response, C_STORE) or not response.is_valid_response:
        raise NoAnswer("the peer answered with something else than a C-STORE response")
    if response.MessageIDBeingRespondedTo != message.message_id:
        raise NoAnswer("the peer answered to another message")
    assert response.Status is not None
    return StoreAnswer(response.Status, _comment(response), _offending_elements(response))


def _comment(response: C_STORE) -> str:
    comment = str(response.ErrorComment or "")
    return "".join(character for character in comment if character.isprintable())[:LONGEST_COMMENT]


def _offending_elements(response: C_STORE) -> tuple[str, ...]:
    offending: int | Iterable[int] | None = response.OffendingElement
    if offending is None:
        return ()
    tags = [offending] if isinstance(offending, int) else offending
    return tuple(f"{tag:08X}" for tag in tags)
