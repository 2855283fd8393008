"""Which examples a suitability model is shown: decided first, as values; drawn afterwards, in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from inference.rules import REASON_CODES, USABLE

NOT_SKIN = "not_skin"
OUT_OF_FOCUS = "out_of_focus"
MOST_SCENES = 600
DRAWN_SO = frozenset({"lesion_too_small", "scattered_lesions"})
"""Faults that lie in the scene, which the generator can draw."""

Way = Literal["as_it_is", "harmless", "spoilt", "scene", "negative"]
"""What becomes of a source: sent as it is, changed without harm, spoilt, drawn with its fault, or cut."""


@dataclass(frozen=True, slots=True)
class Families:
    """Which families of scenes and of faults examples are made by."""

    scenes: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A photo to make examples of: `label` as somebody said it is; `patient`, or pictures alike, stay together."""

    photo: Path
    label: str
    patient: str


@dataclass(frozen=True, slots=True)
class Mix:
    """How many examples are made: of every photo and drawn scene `usable` and `spoilt`, of every negative `cuts`.

    `synthetic` scenes are drawn; where None, as many as there are photos, up to `MOST_SCENES`.
    """

    synthetic: int | None = None
    usable: int = 3
    spoilt: int = 5
    cuts: int = 6
    seed: int = 0

    def scenes(self, photos: int) -> int:
        """How many scenes are drawn beside so many photos."""
        return min(photos, MOST_SCENES) if self.synthetic is None else self.synthetic


@dataclass(frozen=True, slots=True)
class Making:
    """How examples are made; `negatives` is a folder of photographs that are not skin, see trainer.negatives."""

    mix: Mix
    families: Families
    negatives: Path | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One example to be made: from a photo, or from the generator where `photo` is None.

    `scene` and `fault` name families; `severity` is 0..1; `seed` determines everything else that is drawn; `origin`
    is the patient, or the scene, that all examples of one source share.
    """

    label: str
    making: Way
    photo: Path | None
    origin: str
    scene: str
    scene_seed: int
    fault: str
    severity: float
    seed: int


def plan(
    sources: Sequence[Source], negatives: Sequence[Source], families: Families, mix: Mix, first_scene: int
) -> tuple[Planned, ...]:
    """Plan the examples of one side of the split; `first_scene` keeps the sides' synthetic scenes apart."""
    rng = np.random.default_rng([mix.seed, first_scene])
    draw = _Draw(families, rng)
    return (
        *(one for source in sources for one in _of_photo(source, mix, draw)),
        *(one for source in negatives for one in _of_negative(source, mix, draw)),
        *(one for index in range(mix.scenes(len(sources))) for one in _of_scene(first_scene + index, mix, draw)),
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws what differs from example to example."""

    families: Families
    rng: np.random.Generator

    def planned(
        self, label: str, making: Way, photo: Path | None, origin: str, *, scene: str = "", scene_seed: int = 0
    ) -> Planned:
        """One example, its family of faults, severity and seed drawn."""
        return Planned(
            label=label,
            making=making,
            photo=photo,
            origin=origin,
            scene=scene,
            scene_seed=scene_seed,
            fault=self.one_of(self.families.faults),
            severity=self.severity_of(label),
            seed=int(self.rng.integers(2**31)),
        )

    def one_of(self, names: Sequence[str]) -> str:
        """Any of the names."""
        return names[int(self.rng.integers(len(names)))]

    def severity_of(self, label: str) -> float:
        """Uniform; of softness mostly mild, which is what real photos have and what is hardest to see."""
        drawn = float(self.rng.uniform())
        return drawn**2 if label == OUT_OF_FOCUS else drawn

    def codes(self, count: int) -> list[str]:
        """That many reason codes, each as often as the others as far as it goes."""
        rounds = -(-count // len(REASON_CODES))
        drawn = [str(code) for _ in range(rounds) for code in self.rng.permutation(list(REASON_CODES))]
        return drawn[:count]


def _of_photo(source: Source, mix: Mix, draw: _Draw) -> Iterator[Planned]:
    if source.label != USABLE:
        for _ in range(mix.usable):
            yield draw.planned(source.label, "as_it_is", source.photo, source.patient)
        return
    yield draw.planned(USABLE, "as_it_is", source.photo, source.patient)
    for _ in range(mix.usable - 1):
        yield draw.planned(USABLE, "harmless", source.photo, source.patient)
    for code in draw.codes(mix.spoilt):
        yield draw.planned(code, "spoilt", source.photo, source.patient)


def _of_negative(source: Source, mix: Mix, draw: _Draw) -> Iterator[Planned]:
    for _ in range(mix.cuts):
        yield draw.planned(source.label, "negative", source.photo, source.patient)


def _of_scene(scene_seed: int, mix: Mix, draw: _Draw) -> Iterator[Planned]:
    scene = draw.one_of(draw.families.scenes)
    origin = f"scene {scene_seed}"
    for number in range(mix.usable):
        yield draw.planned(
            USABLE, "harmless" if number else "as_it_is", None, origin, scene=scene, scene_seed=scene_seed
        )
    for code in draw.codes(mix.spoilt):
        # A scene can be drawn with what lies in it; half of the distant and scattered ones are.
        drawn_so = code in DRAWN_SO and draw.rng.random() < 0.5
        yield draw.planned(code, "scene" if drawn_so else "spoilt", None, origin, scene=scene, scene_seed=scene_seed)
