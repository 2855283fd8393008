"""Carrying a plan out."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from tests.e2e.fault_run.hospital import Target
from tests.e2e.fault_run.plan import Blow

Step = tuple[float, Callable[[], object]]


def strike(blows: Sequence[Blow], targets: Mapping[str, Target]) -> None:
    """Deal every blow at its time from now on, and see that nothing stays killed or frozen."""
    begun_at = time.monotonic()
    ends: dict[str, Callable[[], object]] = {}
    try:
        for at_seconds, step in sorted(_steps(blows, targets, ends), key=lambda step: step[0]):
            time.sleep(max(0.0, begun_at + at_seconds - time.monotonic()))
            step()
    finally:
        for end in list(ends.values()):
            end()


def _steps(
    blows: Sequence[Blow], targets: Mapping[str, Target], ends: dict[str, Callable[[], object]]
) -> Iterator[Step]:
    for blow in blows:
        begin, end = _killing(targets[blow.target]) if blow.act == "kill" else _freezing(targets[blow.target])
        yield blow.at_seconds, _noting(ends, blow.target, begin, end)
        yield blow.at_seconds + blow.seconds, partial(_end, ends, blow.target)


def _end(ends: dict[str, Callable[[], object]], name: str) -> None:
    ends.pop(name)()


def _noting(
    ends: dict[str, Callable[[], object]], name: str, begin: Callable[[], object], end: Callable[[], object]
) -> Callable[[], object]:
    def step() -> None:
        begin()
        ends[name] = end

    return step


def _killing(target: Target) -> tuple[Callable[[], object], Callable[[], object]]:
    return target.kill, target.start


def _freezing(target: Target) -> tuple[Callable[[], object], Callable[[], object]]:
    return (
        lambda: os.kill(target.pid(), signal.SIGSTOP),
        lambda: os.kill(target.pid(), signal.SIGCONT),
    )
