"""What becomes of a delivery that is not proven yet: the rules, apart from tables and wires."""

from dataclasses import dataclass
from datetime import timedelta

from dimse.status import Status
from gateway.config import DeliverySettings
from gateway.delivery.backoff import wait_after
from gateway.delivery.states import DeliveryState

UNANSWERED_TOLERATED = 3
"""Requests for storage commitment without an answer, each waited for as long as is set, before a query has to do."""

LONGEST_WAIT_SECONDS = 300.0
"""Between two looks for the same object."""

NOT_FOUND_YET = "not found yet by a query"

_WORDS_OF_REASONS = {
    Status.PROCESSING_FAILURE: "it failed while processing it",
    Status.NO_SUCH_SOP_INSTANCE: "it does not hold it",
    Status.RESOURCE_LIMITATION: "it is short of resources",
    Status.SOP_CLASS_NOT_SUPPORTED: "it does not keep this kind of object",
    Status.CLASS_INSTANCE_CONFLICT: "it holds another kind of object under this UID",
}


@dataclass(frozen=True, slots=True)
class ProofLimits:
    """When proof is looked for, and what is done where there is none.

    First `first_seconds` after an object was sent, then with doubling pauses up to `most_looks` times; then it is sent
    again, `most_resends` times at most. A request for commitment holds `most_references`, and is made anew when no
    answer came within `answer_within`.
    """

    first_seconds: float
    most_looks: int
    most_resends: int
    most_references: int
    answer_within: timedelta

    @classmethod
    def of(cls, settings: DeliverySettings) -> "ProofLimits":
        """The limits that the settings ask for."""
        return cls(
            settings.proof_seconds,
            settings.proof_looks,
            settings.proof_resends,
            settings.commitment_references,
            timedelta(hours=settings.commitment_hours),
        )


@dataclass(frozen=True, slots=True)
class Past:
    """What was done for a delivery so far: `looks` in vain since it was sent, this one among them; times sent again."""

    looks: int
    resends: int
    is_duplicate: bool
    """The destination did not take it, saying that it has it already."""
    is_correction: bool = False
    """It went under UIDs under which the destination may hold what it was before it was corrected."""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows: the state, why in words, and the wait before it is looked for, or sent, again."""

    state: DeliveryState
    message: str
    wait: timedelta = timedelta()


def after_missing(past: Past, limits: ProofLimits, *, chance: float) -> Step:
    """What follows a look that did not find the object; `chance` (0 to below 1) is jitter."""
    if past.looks < limits.most_looks:
        return Step(DeliveryState.SENT, NOT_FOUND_YET, _wait(past.looks, limits, chance))
    if past.is_duplicate:
        words = "the destination says that it has this instance already, but does not show it where it belongs"
        return Step(DeliveryState.DEAD, words)
    where = " as it was corrected" if past.is_correction else ""
    words = f"the destination said that it stored it, but a query does not find it{where}"
    return _send_again(words, past, limits, chance)


def after_refusal(reason: int, past: Past, limits: ProofLimits, *, chance: float) -> Step:
    """What follows when the destination does not commit itself, for a Failure Reason (PS3.3 C.14.1.1)."""
    told = next((words for code, words in _WORDS_OF_REASONS.items() if code == reason), "for a reason of its own")
    words = f"storage commitment refused, 0x{reason:04X}: {told}"
    if reason == Status.SOP_CLASS_NOT_SUPPORTED:
        return Step(DeliveryState.NOT_ACCEPTED, words)
    if reason == Status.CLASS_INSTANCE_CONFLICT:
        return Step(DeliveryState.DEAD, words)
    return _send_again(words, past, limits, chance)


def may_hold_two(reason: int, past: Past) -> bool:
    """Whether a destination that refuses a corrected object may hold it beside the one it corrects, under one UID.

    Orthanc does, where the patient is another, and answers for neither of the two: sent again, it would be refused
    again. A query tells whether it is there.
    """
    return past.is_correction and reason == Status.NO_SUCH_SOP_INSTANCE


def pause_after(failures: int, *, longest_seconds: float, chance: float) -> timedelta:
    """How long a destination that does not answer is left alone after `failures` in a row (1 or more)."""
    return wait_after(failures, first_seconds=1.0, maximum_seconds=longest_seconds, chance=chance)


def _send_again(words: str, past: Past, limits: ProofLimits, chance: float) -> Step:
    if past.resends >= limits.most_resends:
        times = f"sent {past.resends + 1} times" if past.resends else "sent"
        return Step(DeliveryState.DEAD, f"given up, {times}: {words}")
    return Step(DeliveryState.FAILED, f"sent again: {words}", _wait(past.resends + 1, limits, chance))


def _wait(times: int, limits: ProofLimits, chance: float) -> timedelta:
    longest = max(LONGEST_WAIT_SECONDS, limits.first_seconds)
    return wait_after(times, first_seconds=limits.first_seconds, maximum_seconds=longest, chance=chance)
