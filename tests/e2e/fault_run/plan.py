"""When what is killed or frozen: a plan that follows from its seed alone."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Act = Literal["kill", "freeze"]

_BEGINS = (0.05, 0.40)
_LASTS = (0.15, 0.45)
"""Of a slot; so that there is time between two blows to the same process."""


@dataclass(frozen=True, slots=True, order=True)
class Blow:
    """At `at_seconds` of the run `target` is killed, or stopped without ending, and goes on `seconds` later."""

    at_seconds: float
    target: str
    act: Act
    seconds: float

    def __str__(self) -> str:
        return f"{self.at_seconds:6.1f} s  {self.act:6} {self.target} for {self.seconds:.1f} s"


def plan(seed: int, targets: Iterable[str], acts: Sequence[Act], *, seconds: float, longest: float) -> tuple[Blow, ...]:
    """Each of `acts` once for every target within `seconds`, none for longer than `longest`, in the order of time.

    Blows to the same target never overlap; those to different ones may.
    """
    chance = random.Random(seed)
    slot = seconds / len(acts)
    return tuple(
        sorted(
            Blow((number + chance.uniform(*_BEGINS)) * slot, target, act, min(chance.uniform(*_LASTS) * slot, longest))
            for target in targets
            for number, act in enumerate(chance.sample(acts, len(acts)))
        )
    )
