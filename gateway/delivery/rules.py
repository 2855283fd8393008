"""What becomes of a delivery after an attempt: the rules, apart from tables and wires."""

from dataclasses import dataclass
from datetime import timedelta

from dimse.reactions import Reaction
from gateway.config import DeliverySettings
from gateway.delivery.backoff import wait_after
from gateway.delivery.states import DeliveryState

# What is settled by the answer itself. A duplicate counts as sent: that it is the same object is for the later
# confirmation to find out. A class or syntax that the destination does not take is nobody's failure.
SETTLED: dict[Reaction, DeliveryState] = {
    Reaction.STORED: DeliveryState.SENT,
    Reaction.STORED_WITH_WARNING: DeliveryState.SENT,
    Reaction.CONFIRM_DUPLICATE: DeliveryState.SENT,
    Reaction.FALLBACK_CLASS: DeliveryState.NOT_ACCEPTED,
    Reaction.NO_PRESENTATION_CONTEXT: DeliveryState.NOT_ACCEPTED,
    Reaction.MISMATCH: DeliveryState.DEAD,
    Reaction.PERMANENT: DeliveryState.DEAD,
}

# How often the same answer is taken before the delivery is dead; None: until its age ends it.
TRIES: dict[Reaction, int | None] = {
    Reaction.RETRY: None,
    Reaction.UNKNOWN_OUTCOME: None,
    Reaction.UNREACHABLE: None,
    Reaction.BUSY: None,
    Reaction.CONFIGURATION: None,
    Reaction.RETRY_FEW: 5,
    Reaction.PROTOCOL_MISUSE: 3,
    Reaction.RETRY_ONCE: 2,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """When to try again and when to give up."""

    first_seconds: float
    maximum_seconds: float
    give_up_after: timedelta

    @classmethod
    def of(cls, settings: DeliverySettings) -> "Limits":
        """The limits that the settings ask for."""
        return cls(settings.retry_seconds, settings.retry_max_seconds, timedelta(hours=settings.give_up_hours))


@dataclass(frozen=True, slots=True)
class History:
    """A delivery's past since it was queued, the attempt being judged among it.

    `age` at the end of that attempt; `failures` counts attempts that failed, `same_answer` those with its reaction.
    """

    age: timedelta
    failures: int
    same_answer: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The state that follows, why in words, and how long a failed one waits."""

    state: DeliveryState
    message: str
    wait: timedelta = timedelta()


def decide(reaction: Reaction, words: str, history: History, limits: Limits, *, chance: float) -> Decision:
    """What follows an attempt that ended with `reaction`, explained by `words`; `chance` (0 to below 1) is jitter."""
    settled = SETTLED.get(reaction)
    if settled is not None:
        return Decision(settled, f"refused for good: {words}" if settled is DeliveryState.DEAD else words)
    tries = TRIES[reaction]
    if tries is not None and history.same_answer >= tries:
        return Decision(DeliveryState.DEAD, f"given up after {history.same_answer} attempts with this answer: {words}")
    if is_too_old(history.age, limits):
        return Decision(DeliveryState.DEAD, given_up_for_age(words, limits))
    wait = wait_after(
        history.failures, first_seconds=limits.first_seconds, maximum_seconds=limits.maximum_seconds, chance=chance
    )
    return Decision(DeliveryState.FAILED, words, wait)


def is_too_old(age: timedelta, limits: Limits) -> bool:
    """Whether a delivery that failed at this age is given up."""
    return age >= limits.give_up_after


def given_up_for_age(words: str, limits: Limits) -> str:
    """Why a delivery died of age, in words."""
    return f"given up after {limits.give_up_after / timedelta(hours=1):g} hours: {words}"


def concerns_destination(reaction: Reaction, status: int | None) -> bool:
    """Whether the destination waits rather than the instance: nothing of it was sent, and the next would fare alike.

    An answer to an instance (it has a `status`) is about that instance, whatever it says: were it about the
    destination, one refused instance could hold up all others.
    """
    return status is None and (reaction.concerns_destination or reaction is Reaction.PROTOCOL_MISUSE)
