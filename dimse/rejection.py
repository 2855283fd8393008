"""Rejected associations: what A-ASSOCIATE-RJ says, in words, and what to do about it (PS3.8 9.3.4, table 9-21)."""

from dataclasses import dataclass
from enum import IntEnum

from dimse.reactions import Reaction


class RejectResult(IntEnum):
    """Whether trying again can help, as the acceptor sees it."""

    PERMANENT = 1
    TRANSIENT = 2


class RejectSource(IntEnum):
    """Which part of the acceptor rejected."""

    SERVICE_USER = 1
    SERVICE_PROVIDER_ACSE = 2
    SERVICE_PROVIDER_PRESENTATION = 3


@dataclass(frozen=True, slots=True)
class Rejection:
    """The three numbers of an A-ASSOCIATE-RJ, as they came; a peer may send any."""

    result: int
    source: int
    reason: int


NO_REASON_GIVEN = Rejection(1, 1, 1)
CALLING_AE_NOT_RECOGNISED = Rejection(1, 1, 3)
CALLED_AE_NOT_RECOGNISED = Rejection(1, 1, 7)
LOCAL_LIMIT_EXCEEDED = Rejection(2, 3, 2)


@dataclass(frozen=True, slots=True)
class RejectReason:
    """What a (source, reason) says; `words` may name {calling} and {called}.

    `passes` overrules a result of "permanent" (congestion is never permanent); `reaction` is for permanent
    rejections, a transient one is tried again whatever its reason.
    """

    words: str
    reaction: Reaction = Reaction.CONFIGURATION
    passes: bool = False


REASONS: dict[tuple[int, int], RejectReason] = {
    (1, 1): RejectReason("the peer rejected the association without giving a reason"),
    (1, 2): RejectReason("the peer does not support the application context", Reaction.PROTOCOL_MISUSE),
    (1, 3): RejectReason(
        "the peer does not know our AE title {calling}: ask its administrator to register it, with our address"
    ),
    (1, 7): RejectReason(
        "the peer does not answer to the AE title {called}: correct the destination's AE title, or ask its "
        "administrator for the right one"
    ),
    (2, 1): RejectReason("the peer's association service rejected us without giving a reason"),
    (2, 2): RejectReason("the peer does not speak our version of the protocol", Reaction.PROTOCOL_MISUSE),
    (3, 1): RejectReason("the peer is congested for the moment", passes=True),
    (3, 2): RejectReason("the peer has as many associations as it allows", passes=True),
}


@dataclass(frozen=True, slots=True)
class ExplainedRejection:
    """A rejection as a person understands it, and what to do about it."""

    words: str
    reaction: Reaction


def explain(rejection: Rejection, calling_ae_title: str, called_ae_title: str) -> ExplainedRejection:
    """Put `rejection` into words and choose the reaction: BUSY if it passes by itself.

    Any three numbers have an answer; those the standard does not know are taken at their result.
    """
    reason = REASONS.get(
        (rejection.source, rejection.reason),
        RejectReason(f"the peer rejected the association (source {rejection.source}, reason {rejection.reason})"),
    )
    words = reason.words.format(calling=calling_ae_title, called=called_ae_title)
    if reason.passes or rejection.result != RejectResult.PERMANENT:
        return ExplainedRejection(words, Reaction.BUSY)
    return ExplainedRejection(words, reason.reaction)
