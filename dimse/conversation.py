"""What the provider's services ask of the association that they answer on."""

from collections.abc import Mapping

from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT, A_RELEASE

from dimse.query_models import LEVELS
from dimse.retrieve_models import FIND_MODELS

RELATIONAL, FUZZY_NAMES = 0, 2
"""Where, counted from 0, they stand in the Service-class-application-information (PS3.4 tables C.5-1 to C.5-3)."""


def caller_of(association: Association) -> tuple[str, str]:
    """Who asked for the association: its AE title, padding stripped, and its address."""
    requestor = association.requestor
    assert requestor.primitive is not None
    return (requestor.primitive.calling_ae_title or "").strip(), requestor.address or ""


def is_over(association: Association) -> bool:
    """Whether the peer has left, or asks to; asked as often as one likes.

    The library's own question takes a request for release off the queue, so that nobody would answer it any more.
    """
    waiting = association.dul.peek_next_pdu()
    return isinstance(waiting, A_ABORT | A_P_ABORT | A_RELEASE) or not association.dul.is_alive()


def is_cancelled(association: Association, message_id: int) -> bool:
    """Whether the peer has sent a C-CANCEL for its request `message_id`."""
    return message_id in association.dimse.cancel_req


def is_granted(association: Association, sop_class_uid: str, place: int) -> bool:
    """Whether what stands at `place` was asked for in SOP Class Extended Negotiation; `grant_extensions` gives it."""
    information = association.requestor.sop_class_extended.get(UID(sop_class_uid), b"")
    return information[place : place + 1] == b"\x01"


def grant_extensions(event: evt.Event) -> Mapping[UID, bytes]:
    """Answer SOP Class Extended Negotiation: relational queries and retrievals, and fuzzy names, to who asks (C.5)."""
    return {
        uid: bytes(wanted == 1 and place in _granted_places(uid) for place, wanted in enumerate(information))
        for uid, information in event.app_info.items()  # type: ignore[attr-defined]  # set for this event
        if information and _granted_places(uid)
    }


def _granted_places(sop_class_uid: str) -> tuple[int, ...]:
    if sop_class_uid in LEVELS:
        return RELATIONAL, FUZZY_NAMES
    return (RELATIONAL,) if sop_class_uid in FIND_MODELS else ()
