"""How many threads a model runs quickest on: measured on this machine, once for a model file."""

import hashlib
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.durable import replace_text
from inference.preprocess import Tensor

MOST_THREADS = 4
BUDGET_SECONDS = 0.3
WORTH_IT = 1.10
"""More threads must make a run quicker by this factor: they take cores from other photos."""

_MOST_RUNS = 15
_MAX_RECORD_BYTES = 4096


class Session(Protocol):
    """What can be timed: ONNX Runtime's session."""

    def run(self, output_names: None, input_feed: dict[str, Tensor]) -> object:
        """Run once."""


class Measured(BaseModel):
    """Median milliseconds of one run by number of threads, as one machine had them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    medians_ms: dict[int, float] = Field(min_length=1, max_length=64)

    def choice(self) -> int:
        """Give the fewest threads that are within a tenth of the quickest."""
        quickest = min(self.medians_ms.values())
        return min(threads for threads, median in self.medians_ms.items() if median <= WORTH_IT * quickest)


S = TypeVar("S", bound=Session)


def usable_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_counts() -> range:
    """Give the numbers of threads that are worth trying here."""
    return range(1, min(MOST_THREADS, usable_cores()) + 1)


@dataclass(frozen=True, slots=True)
class AutoThreads:
    """Finds the quickest number of threads.

    What was measured is remembered in the folder `remembered`, by model file and machine; where that cannot be
    written, or is None, each load measures anew, for at most about `budget_seconds`.
    """

    remembered: Path | None = None
    budget_seconds: float = BUDGET_SECONDS

    def choose(
        self, model_sha256: str, single: S, open_session: Callable[[int], S], inputs: Mapping[str, Tensor]
    ) -> tuple[int, S]:
        """Give the number of threads to run on, and a session that does; `single` is one of one thread."""
        bench = _Bench(open_session, dict(inputs), {1: single})
        measured = self._recall(model_sha256)
        if measured is None:
            measured = bench.measure(self.budget_seconds)
            self.remember(model_sha256, measured)
        threads = measured.choice()
        return threads, bench.session(threads)

    def remember(self, model_sha256: str, measured: Measured) -> None:
        """Keep what was measured, where it can be kept."""
        path = self._path(model_sha256)
        if path is None:
            return
        try:
            path.parent.mkdir(exist_ok=True)
            replace_text(path, measured.model_dump_json() + "\n")
        except OSError:
            return  # a store that can only be read: measured again at the next load

    def _recall(self, model_sha256: str) -> Measured | None:
        path = self._path(model_sha256)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                measured = Measured.model_validate_json(file.read(_MAX_RECORD_BYTES))
        except (OSError, ValidationError):
            return None
        return measured if measured.choice() in thread_counts() else None

    def _path(self, model_sha256: str) -> Path | None:
        return None if self.remembered is None else self.remembered / f"{model_sha256[:32]}-{_machine()}.json"


@dataclass(frozen=True, slots=True)
class _Bench(Generic[S]):
    """Sessions of one model by number of threads, opened as they are wanted."""

    open_session: Callable[[int], S]
    inputs: dict[str, Tensor]
    sessions: dict[int, S] = field(default_factory=dict)

    def session(self, threads: int) -> S:
        if threads not in self.sessions:
            self.sessions[threads] = self.open_session(threads)
        return self.sessions[threads]

    def measure(self, budget_seconds: float) -> Measured:
        """Time each number of threads for its share; one is always timed, others as long as there is time."""
        counts = thread_counts()
        ends = time.monotonic() + budget_seconds
        medians: dict[int, float] = {}
        for place, threads in enumerate(counts):
            left = ends - time.monotonic()
            if medians and left <= 0:
                break
            share = left / (len(counts) - place)
            medians[threads] = median_ms(self.session(threads), self.inputs, share)
        return Measured(medians_ms=medians)


def median_ms(session: Session, inputs: dict[str, Tensor], seconds: float) -> float:
    """Time runs for about so long, at least one and at most fifteen after a first to warm up; the median in ms."""
    ends = time.monotonic() + seconds
    session.run(None, inputs)
    times: list[float] = []
    while not times or (time.monotonic() < ends and len(times) < _MOST_RUNS):
        started = time.perf_counter()
        session.run(None, inputs)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _machine() -> str:
    """Tell machines apart that may share a store: by processor and by the cores this process may use."""
    facts = (platform.machine(), platform.processor(), _processor_name(), str(usable_cores()))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]


def _processor_name() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            return next((line for line in file if line.startswith("model name")), "")
    except OSError:
        return ""
