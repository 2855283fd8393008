"""Counts what this process sends to each destination as it goes, for figures that grow and for who is down now."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import SEEK_END, SEEK_SET
from typing import BinaryIO

from dimse.fallback import InstanceSender
from dimse.outgoing import OutgoingInstance, SendResult
from gateway.delivery.breaker import Breaker

MOST_ANSWERS = 100
"""Different answers of one destination that are told apart; a peer may send any of 65 536 statuses."""

OTHER = ("other", "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one destination's meter shows.

    `attempts` by (reaction, status as four hexadecimal digits or ""), `sent_bytes` of files that arrived, `seconds`
    of all attempts together; `is_down` while its breaker is open, and for how long nothing will be tried.
    """

    destination: str
    attempts: Mapping[tuple[str, str], int]
    sent_bytes: int
    seconds: float
    is_down: bool
    pause_seconds: float


class Meter:
    """One destination's; its couriers share it."""

    def __init__(self, destination: str, breaker: Breaker) -> None:
        self._destination = destination
        self._breaker = breaker
        self._lock = threading.Lock()
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._sent_bytes = 0
        self._seconds = 0.0

    def count(self, outcome: str, status: int | None, *, sent_bytes: int, seconds: float) -> None:
        """Count an attempt."""
        answer = (outcome, "" if status is None else f"{status:04X}")
        with self._lock:
            known = answer in self._attempts or len(self._attempts) < MOST_ANSWERS
            self._attempts[answer if known else OTHER] += 1
            self._sent_bytes += sent_bytes
            self._seconds += seconds

    def read(self) -> Reading:
        """What it shows now."""
        down, pause = self._breaker.is_open, self._breaker.pause_seconds()
        with self._lock:
            return Reading(self._destination, dict(self._attempts), self._sent_bytes, self._seconds, down, pause)


class Meters:
    """Those of every destination that this process sends to."""

    def __init__(self) -> None:
        self._meters: list[Meter] = []

    def add(self, destination: str, breaker: Breaker) -> Meter:
        """A meter for a destination, whose couriers share the breaker."""
        meter = Meter(destination, breaker)
        self._meters.append(meter)
        return meter

    def read(self) -> Sequence[Reading]:
        """What each shows now."""
        return [meter.read() for meter in self._meters]


class MeteredSender:
    """Counts what goes through another sender."""

    def __init__(self, sender: InstanceSender, meter: Meter) -> None:
        self._sender = sender
        self._meter = meter

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send one instance, and count it. Raises UnreadableInstance, which counts for nothing: nothing was sent."""
        file = _MeasuredFile(instance)
        started = time.monotonic()
        result = self._sender.send(replace(instance, open_file=file.open))
        self._meter.count(
            result.reaction.value,
            result.status,
            sent_bytes=file.size if result.reaction.is_stored else 0,
            seconds=time.monotonic() - started,
        )
        return result

    def close(self) -> None:
        """Part from the destination in good form."""
        self._sender.close()

    def abort(self) -> None:
        """Break off, from any thread."""
        self._sender.abort()


class _MeasuredFile:
    """Opens an instance's file, and knows its size from then on."""

    def __init__(self, instance: OutgoingInstance) -> None:
        self._instance = instance
        self.size = 0

    def open(self) -> BinaryIO:
        stream = self._instance.open_file()
        try:
            self.size = stream.seek(0, SEEK_END)
            stream.seek(0, SEEK_SET)
        except OSError:
            stream.close()
            raise
        return stream
