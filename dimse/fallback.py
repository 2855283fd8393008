"""The last rung of sending: a copy of another SOP class, where a destination does not take an instance's own.

The rungs above are `StorageSender`'s: as stored, else uncompressed under the same UID, as each association's
negotiation has it. That a class is refused is learnt the hard way, from a whole association or from an answer, and is
therefore remembered for a while.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from dimse.errors import DimseError
from dimse.outgoing import OutgoingInstance, SendResult, SentCopy
from dimse.reactions import Reaction

REMEMBERED_SECONDS = 3600.0
"""After so long a destination is asked again whether it takes the class by now."""

_ASKS_FOR_A_COPY = (Reaction.FALLBACK_CLASS, Reaction.MISMATCH)
_REFUSED_AS_WELL = (Reaction.FALLBACK_CLASS, Reaction.NO_PRESENTATION_CONTEXT)


class CannotCopy(DimseError):
    """There is no copy of this instance to be had; why, without patient identity."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy to send in an instance's place: an object of its own, in a series of its own."""

    instance: OutgoingInstance
    series_instance_uid: str

    @property
    def sent(self) -> SentCopy:
        """What is told of it where it went."""
        return SentCopy(self.instance.sop_class_uid, self.instance.sop_instance_uid, self.series_instance_uid)


CopyMaker = Callable[[OutgoingInstance], Copy]
"""Makes the same copy of the same instance each time. Raises CannotCopy, UnreadableInstance."""


class InstanceSender(Protocol):
    """What sends an instance as it is; `StorageSender` is one."""

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send one instance; faults of the peer are results. Raises UnreadableInstance."""

    def close(self) -> None:
        """Part from the destination in good form."""

    def abort(self) -> None:
        """Break off, from any thread."""


class RefusedClasses:
    """Which (SOP class, transfer syntax) a destination has refused lately; shared by its senders."""

    def __init__(
        self, remembered_seconds: float = REMEMBERED_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._remembered_seconds = remembered_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[tuple[str, str], float] = {}

    def note(self, pair: tuple[str, str]) -> None:
        """It was refused just now."""
        with self._lock:
            self._until[pair] = self._clock() + self._remembered_seconds

    def forget(self, pair: tuple[str, str]) -> None:
        """Find out anew the next time."""
        with self._lock:
            self._until.pop(pair, None)

    def holds(self, pair: tuple[str, str]) -> bool:
        """Whether it was refused, and not too long ago."""
        with self._lock:
            return self._clock() < self._until.get(pair, float("-inf"))


class FallbackSender:
    """Sends through `sender`, and in place of what is refused for its class a copy from `make_copy`."""

    def __init__(self, sender: InstanceSender, make_copy: CopyMaker, refused: RefusedClasses) -> None:
        self._sender = sender
        self._make_copy = make_copy
        self._refused = refused

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send it, or else its copy; `SendResult.copy` says which. Raises UnreadableInstance."""
        if self._refused.holds(instance.pair):
            result = self._send_copy(instance, _known_refusal(instance))
            if result.copy is None:
                self._refused.forget(instance.pair)
            return result
        result = self._sender.send(instance)
        return self._send_copy(instance, result) if result.reaction in _ASKS_FOR_A_COPY else result

    def close(self) -> None:
        """Part from the destination in good form."""
        self._sender.close()

    def abort(self) -> None:
        """Break off, from any thread."""
        self._sender.abort()

    def _send_copy(self, instance: OutgoingInstance, refusal: SendResult) -> SendResult:
        try:
            copy = self._make_copy(instance)
        except CannotCopy as obstacle:
            return replace(refusal, message=f"{refusal.message}; {obstacle}")
        result = self._sender.send(copy.instance)
        if result.reaction in _REFUSED_AS_WELL:
            return replace(refusal, message=f"{refusal.message}; nor the copy: {result.message}")
        if result.reaction.is_stored and refusal.reaction is Reaction.FALLBACK_CLASS:
            self._refused.note(instance.pair)
        return replace(result, message=f"as a copy: {result.message}", copy=copy.sent)


def _known_refusal(instance: OutgoingInstance) -> SendResult:
    return SendResult(
        None, Reaction.FALLBACK_CLASS, f"the SOP class {instance.sop_class_uid} was refused a while ago"
    )  # fmt: skip
