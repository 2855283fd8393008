"""Which examples a suitability model is shown: decided first, as values; drawn afterwards, in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.rules import REASON_CODES, USABLE


@dataclass(frozen=True, slots=True)
class Mix:
    """How many examples are made. From every photo `usable` as they should be and `spoilt` with a fault each."""

    synthetic: int
    usable: int = 2
    spoilt: int = 3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """One example to be made: from a real photo, or from the generator where `photo` is None.

    `severity` is 0..1 and unused for `usable`; `seed` determines everything else that is drawn.
    """

    label: str
    photo: Path | None
    scene_seed: int
    severity: float
    seed: int


def plan(photos: Sequence[Path], mix: Mix, first_scene: int) -> tuple[Planned, ...]:
    """Plan the examples of one side of the split; `first_scene` keeps the two sides' synthetic scenes apart."""
    rng = np.random.default_rng([mix.seed, first_scene])
    sources: list[Path | None] = [*photos, *[None] * mix.synthetic]
    return tuple(
        example for index, photo in enumerate(sources) for example in _of_source(photo, first_scene + index, mix, rng)
    )


def _of_source(photo: Path | None, scene_seed: int, mix: Mix, rng: np.random.Generator) -> Iterator[Planned]:
    # Mild faults are shown less often than gross ones: at the mildest, photos differ more than the fault does.
    faults = rng.permutation(list(REASON_CODES))[: mix.spoilt]
    for label in (*[USABLE] * mix.usable, *(str(fault) for fault in faults)):
        yield Planned(label, photo, scene_seed, float(np.sqrt(rng.uniform(0, 1))), int(rng.integers(2**31)))
