"""The states of a delivery and which may follow which."""

from enum import StrEnum

from gateway.delivery.errors import IllegalTransition


class DeliveryState(StrEnum):
    """Where a delivery stands: on its way, arrived and how far that is proved, or given up."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    COMMITTED = "committed"
    FAILED = "failed"
    DEAD = "dead"
    NOT_ACCEPTED = "not_accepted"
    CANCELLED = "cancelled"


_FOUND_WANTING = (DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.NOT_ACCEPTED)

# A worker claims what is queued or failed and may give it back untouched (it stops, or the destination is down), so
# SENDING leads to both. What waits dies of age when its destination stays down. From SENT on the destination has
# said that it holds the instance: what follows is proof, or the finding that it does not hold it after all, which has
# it sent again, or ends it. The three ends short of proof can be queued again by hand.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset({DeliveryState.SENDING, DeliveryState.DEAD, DeliveryState.CANCELLED}),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.QUEUED,
            DeliveryState.SENT,
            DeliveryState.FAILED,
            DeliveryState.DEAD,
            DeliveryState.NOT_ACCEPTED,
            DeliveryState.CANCELLED,
        }
    ),
    DeliveryState.FAILED: frozenset(
        {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEAD, DeliveryState.CANCELLED}
    ),
    DeliveryState.SENT: frozenset({DeliveryState.CONFIRMED, DeliveryState.COMMITTED, *_FOUND_WANTING}),
    DeliveryState.CONFIRMED: frozenset({DeliveryState.COMMITTED, *_FOUND_WANTING}),
    DeliveryState.COMMITTED: frozenset(),
    DeliveryState.DEAD: frozenset({DeliveryState.QUEUED, DeliveryState.CANCELLED}),
    DeliveryState.NOT_ACCEPTED: frozenset({DeliveryState.QUEUED, DeliveryState.CANCELLED}),
    DeliveryState.CANCELLED: frozenset({DeliveryState.QUEUED}),
}

WAITING: tuple[DeliveryState, ...] = (DeliveryState.QUEUED, DeliveryState.FAILED)
"""A worker takes these when they are due."""

UNPROVEN: tuple[DeliveryState, ...] = (DeliveryState.SENT, DeliveryState.CONFIRMED)
"""Better proof may still be had of these."""


def may_become(state: DeliveryState, following: DeliveryState) -> bool:
    """Whether a delivery in `state` may go to `following` next."""
    return following in TRANSITIONS[state]


def require_transition(state: DeliveryState, following: DeliveryState) -> None:
    """Raise IllegalTransition unless a delivery in `state` may go to `following` next."""
    if not may_become(state, following):
        raise IllegalTransition(state.value, following.value)
