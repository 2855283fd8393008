"""The statuses of C-STORE and what a sender does about each (PS3.7 Annex C, PS3.4 B.2.3)."""

from dataclasses import dataclass
from enum import IntEnum

from dimse.reactions import Reaction


class Status(IntEnum):
    """Status codes (0000,0900) that have one meaning; ranges stand in `RANGES`."""

    SUCCESS = 0x0000
    WARNING = 0x0001
    NO_SUCH_ATTRIBUTE = 0x0105
    INVALID_ATTRIBUTE_VALUE = 0x0106
    ATTRIBUTE_LIST_ERROR = 0x0107
    PROCESSING_FAILURE = 0x0110
    DUPLICATE_SOP_INSTANCE = 0x0111
    NO_SUCH_SOP_INSTANCE = 0x0112
    ATTRIBUTE_VALUE_OUT_OF_RANGE = 0x0116
    INVALID_SOP_INSTANCE = 0x0117
    NO_SUCH_SOP_CLASS = 0x0118
    CLASS_INSTANCE_CONFLICT = 0x0119
    MISSING_ATTRIBUTE = 0x0120
    MISSING_ATTRIBUTE_VALUE = 0x0121
    SOP_CLASS_NOT_SUPPORTED = 0x0122
    NOT_AUTHORISED = 0x0124
    DUPLICATE_INVOCATION = 0x0210
    UNRECOGNISED_OPERATION = 0x0211
    MISTYPED_ARGUMENT = 0x0212
    RESOURCE_LIMITATION = 0x0213
    OUT_OF_RESOURCES = 0xA700
    DATA_SET_MISMATCH = 0xA900
    ELEMENTS_COERCED = 0xB000
    ELEMENTS_DISCARDED = 0xB006
    DATA_SET_MISMATCH_WARNING = 0xB007
    CANNOT_UNDERSTAND = 0xC000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status says, in words, and what a sender does about it."""

    words: str
    reaction: Reaction


CODES: dict[int, Meaning] = {
    Status.SUCCESS: Meaning("stored", Reaction.STORED),
    Status.WARNING: Meaning("stored, with a warning", Reaction.STORED_WITH_WARNING),
    Status.ATTRIBUTE_LIST_ERROR: Meaning(
        "stored, but some attributes were not understood", Reaction.STORED_WITH_WARNING
    ),
    Status.ATTRIBUTE_VALUE_OUT_OF_RANGE: Meaning("stored, but a value is out of range", Reaction.STORED_WITH_WARNING),
    Status.ELEMENTS_COERCED: Meaning("stored, with elements changed by the peer", Reaction.STORED_WITH_WARNING),
    Status.ELEMENTS_DISCARDED: Meaning("stored, with elements dropped by the peer", Reaction.STORED_WITH_WARNING),
    Status.DATA_SET_MISMATCH_WARNING: Meaning(
        "stored, though the data set does not match its SOP class", Reaction.STORED_WITH_WARNING
    ),
    Status.DUPLICATE_SOP_INSTANCE: Meaning("the peer has this instance already", Reaction.CONFIRM_DUPLICATE),
    Status.PROCESSING_FAILURE: Meaning("the peer failed while processing it", Reaction.RETRY_FEW),
    Status.RESOURCE_LIMITATION: Meaning("the peer is short of resources", Reaction.RETRY),
    Status.NO_SUCH_ATTRIBUTE: Meaning("no such attribute", Reaction.PERMANENT),
    Status.INVALID_ATTRIBUTE_VALUE: Meaning("invalid attribute value", Reaction.PERMANENT),
    Status.NO_SUCH_SOP_INSTANCE: Meaning("no such SOP instance", Reaction.PERMANENT),
    Status.INVALID_SOP_INSTANCE: Meaning("invalid SOP instance", Reaction.PERMANENT),
    Status.NO_SUCH_SOP_CLASS: Meaning("no such SOP class", Reaction.PERMANENT),
    Status.CLASS_INSTANCE_CONFLICT: Meaning("SOP class and instance do not fit", Reaction.PERMANENT),
    Status.MISSING_ATTRIBUTE: Meaning("a required attribute is missing", Reaction.PERMANENT),
    Status.MISSING_ATTRIBUTE_VALUE: Meaning("a required attribute has no value", Reaction.PERMANENT),
    Status.SOP_CLASS_NOT_SUPPORTED: Meaning("the peer does not take this SOP class", Reaction.FALLBACK_CLASS),
    Status.NOT_AUTHORISED: Meaning("the peer does not allow us to store", Reaction.CONFIGURATION),
    Status.DUPLICATE_INVOCATION: Meaning("message number used twice", Reaction.PROTOCOL_MISUSE),
    Status.UNRECOGNISED_OPERATION: Meaning("operation not recognised", Reaction.PROTOCOL_MISUSE),
    Status.MISTYPED_ARGUMENT: Meaning("argument of a wrong type", Reaction.PROTOCOL_MISUSE),
}

RANGES: tuple[tuple[range, Meaning], ...] = (
    (range(0xA700, 0xA800), Meaning("the peer is out of resources", Reaction.RETRY)),
    (range(0xA900, 0xAA00), Meaning("the data set does not match its SOP class", Reaction.MISMATCH)),
    (range(0xB000, 0xC000), Meaning("stored, with a warning", Reaction.STORED_WITH_WARNING)),
    (range(0xC000, 0xD000), Meaning("the peer cannot understand it", Reaction.RETRY_ONCE)),
)

UNKNOWN = Meaning("a status that the standard does not know", Reaction.RETRY_FEW)
"""A refusal all the same: it is no success and no warning. Read generously, given up in the end."""


def meaning_of_store_status(code: int) -> Meaning:
    """Return what the status `code` of a C-STORE response means; any 16-bit number has an answer."""
    known = CODES.get(code)
    if known is not None:
        return known
    return next((meaning for codes, meaning in RANGES if code in codes), UNKNOWN)
