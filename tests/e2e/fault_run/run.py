"""A fault run: photos are posted while blows fall, then everything is given time to settle."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.fault_run.blows import strike
from tests.e2e.fault_run.hospital import DESTINATIONS, Hospital, running
from tests.e2e.fault_run.outbox import progress
from tests.e2e.fault_run.outcome import Outcome, gather
from tests.e2e.fault_run.plan import Act, Blow, plan
from tests.e2e.load import Load

_APPS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a run is: photos (each is two instances: itself and its report), blows of `acts` to every process
    within `seconds`, none `longest_blow` seconds; then `settle_seconds` at most."""

    photos: int
    seconds: float
    acts: tuple[Act, ...]
    longest_blow: float
    settle_seconds: float


WHOLE = Scale(1000, 240, ("kill",) * 5 + ("freeze",) * 3, 12, 300)
CUT = Scale(60, 20, ("kill", "freeze"), 5, 90)


def fault_run(folder: Path, seed: int, scale: Scale, tell: Callable[[str], None]) -> Outcome:
    """Run in an empty folder; `tell` is called with the plan and how it goes. Raises AssertionError on what is lost
    before anything can be judged."""
    blows = plan(seed, [*DESTINATIONS, "gateway"], scale.acts, seconds=scale.seconds, longest=scale.longest_blow)
    tell(f"fault run with seed {seed}:\n" + "\n".join(map(str, blows)))
    with running(folder, seed) as hospital:
        begun_at = time.monotonic()

        def tell_progress(what: str) -> None:
            tell(f"{what} after {time.monotonic() - begun_at:.0f} s: {progress(hospital.gateway.database)}")

        answered = _post_meanwhile(hospital, scale, blows)
        tell_progress(f"{len(answered)} photos are answered")
        _wait_until_settled(hospital, scale.settle_seconds)
        tell_progress("ended")
        return gather(hospital, len(answered), time.monotonic() - begun_at)


def _post_meanwhile(hospital: Hospital, scale: Scale, blows: Sequence[Blow]) -> dict[str, str]:
    pause = _APPS * scale.seconds / scale.photos
    with Load(hospital.gateway, _APPS, pause_seconds=pause * 0.8) as load:
        strike(blows, hospital.targets())
        while len(load.answered()) < scale.photos and not load.faults():
            time.sleep(0.05)
    assert load.faults() == []
    return load.answered()


def _wait_until_settled(hospital: Hospital, seconds: float) -> None:
    """Return when nothing waits for anything any more, or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not progress(hospital.gateway.database).is_settled:
        time.sleep(0.25)
