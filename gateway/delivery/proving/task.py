"""What the parts that see to the proof of one destination share."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.database import Database
from gateway.delivery.proving.rules import ProofLimits, pause_after

LONGEST_PAUSE_SECONDS = 60.0
REFUSAL_BELIEVED_SECONDS = 3600.0
"""After that a destination that did not take a kind of question is asked again: somebody may have changed it."""


class Patience:
    """Leaves a destination that does not answer alone, longer each time."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._failures = 0
        self._rest_until = 0.0

    def is_resting(self) -> bool:
        """Whether nothing is to be asked now."""
        return time.monotonic() < self._rest_until

    def answered(self) -> None:
        """The destination answered."""
        self._failures = 0

    def rest(self) -> timedelta:
        """The destination did not answer: rest from now on, for how long."""
        self._failures += 1
        pause = pause_after(self._failures, longest_seconds=LONGEST_PAUSE_SECONDS, chance=self._chance())
        self._rest_until = time.monotonic() + pause.total_seconds()
        return pause


class Refusal:
    """What a destination said when it did not take a kind of question at all, for as long as that is believed."""

    def __init__(self) -> None:
        self._words: str | None = None
        self._until = 0.0

    def note(self, words: str) -> None:
        """Believe it from now on."""
        self._words, self._until = words, time.monotonic() + REFUSAL_BELIEVED_SECONDS

    def words(self) -> str | None:
        """What it said; None where nothing of the kind is believed now."""
        return self._words if time.monotonic() < self._until else None


@dataclass(frozen=True, slots=True)
class ProofTask:
    """Which destination, how long it is asked, and where that is written; `lease` is how long a batch
    stays taken by itself."""

    destination: str
    database: Database
    limits: ProofLimits
    lease: timedelta
    clock: Callable[[], datetime]
    chance: Callable[[], float] = random.random
    stopping: threading.Event = field(default_factory=threading.Event)
