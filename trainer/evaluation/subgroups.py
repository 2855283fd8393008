"""Numbers for groups of people and photos, with counts, and plain words where nothing can be said.

A mean hides whom a model fails. But a handful of photos proves nothing either way, so small groups get no number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.evaluation.bootstrap import DRAWS, estimates
from trainer.evaluation.numbers.shares import accuracy, balanced_accuracy
from trainer.evaluation.said import Said
from trainer.evaluation.scored import Scored
from trainer.metrics import Estimate
from trainer.photos.photo import LabelledPhoto

FEWEST = 20
"""Photos below which a group gets no number."""

FIELDS = ("sex", "age_band", "body_site", "fitzpatrick", "source")
_FIELD_WORDS = {
    "sex": ("sex", "성별"),
    "age_band": ("age", "나이"),
    "body_site": ("body site", "부위"),
    "fitzpatrick": ("skin type", "피부 유형"),
    "source": ("source", "출처"),
}
AGE_BANDS = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 200))
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
DARK = ("V", "VI")
_SOURCE_FACTS = ("dataset", "source_repository")


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a field; the numbers are None where there are fewer than 20 photos."""

    field: str
    value: str
    photos: int
    patients: int
    accuracy: Estimate | None
    balanced_accuracy: Estimate | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field's groups, largest first but in order where the values have one, and the photos of unknown value."""

    name: str
    groups: tuple[Group, ...]
    unknown: int


def subgroups_of(photos: Sequence[LabelledPhoto]) -> dict[str, tuple[str, ...]]:
    """What `Scored.subgroups` holds of labelled photos: every field, "" where unknown."""
    rows = [_values(photo) for photo in photos]
    return {name: tuple(row[name] for row in rows) for name in FIELDS}


def age_band(age: float | None) -> str:
    """The band as `40-59` or `80+`; "" for an unknown age."""
    if age is None:
        return ""
    low, below = next(((low, below) for low, below in AGE_BANDS if low <= age < below), AGE_BANDS[-1])
    return f"{low}+" if (low, below) == AGE_BANDS[-1] else f"{low}-{below - 1}"


def by_subgroup(scored: Scored, *, fewest: int = FEWEST, seed: int = 0) -> tuple[Field, ...]:
    """Every field that says something of at least one photo, in the order of `scored.subgroups`."""
    return tuple(_field(scored, name, values, fewest, seed) for name, values in scored.subgroups.items() if any(values))


def untold(scored: Scored, *, fewest: int = FEWEST) -> tuple[Said, ...]:
    """Sentences on what these photos leave unsaid: dark skin always, and fields that nobody recorded."""
    on_skin = _on_dark_skin(scored.subgroups.get("fitzpatrick", ()), fewest)
    silent = [name for name in FIELDS if not any(scored.subgroups.get(name, ()))]
    if not silent:
        return (on_skin,)
    english, korean = (", ".join(one) for one in zip(*(_FIELD_WORDS[name] for name in silent), strict=True))
    unrecorded = Said(
        f"Not recorded for any photo, so nothing is known of differences by: {english}.",
        f"어느 사진에도 기록되지 않아 차이를 알 수 없음: {korean}.",
    )
    return on_skin, unrecorded


def _on_dark_skin(types: Sequence[str], fewest: int) -> Said:
    dark = sum(value in DARK for value in types)
    known = sum(bool(value) for value in types)
    if not dark:
        return Said(
            f"No photo of Fitzpatrick type V or VI (skin type known for {known} of {len(types)} photos): nothing can "
            "be claimed for dark skin.",
            f"피츠패트릭 V·VI형 사진이 없음 (피부 유형이 알려진 사진 {len(types)}장 중 {known}장): "
            "어두운 피부에 대해서는 아무것도 주장할 수 없음.",
        )
    if dark < fewest:
        return Said(
            f"Only {dark} photos of Fitzpatrick type V or VI: too few to say anything for dark skin.",
            f"피츠패트릭 V·VI형 사진이 {dark}장뿐: 어두운 피부에 대해 말하기에는 너무 적음.",
        )
    return Said(
        f"{dark} photos of Fitzpatrick type V or VI; see their row.",
        f"피츠패트릭 V·VI형 사진 {dark}장; 해당 행 참조.",
    )


def _values(photo: LabelledPhoto) -> Mapping[str, str]:
    return {
        "sex": photo.sex or "",
        "age_band": age_band(photo.age),
        "body_site": photo.body_site or "",
        "fitzpatrick": SKIN_TYPES[photo.fitzpatrick - 1] if photo.fitzpatrick else "",
        "source": next((photo.facts[name] for name in _SOURCE_FACTS if photo.facts.get(name)), ""),
    }


def _field(scored: Scored, name: str, values: tuple[str, ...], fewest: int, seed: int) -> Field:
    groups = [_group(scored, name, value, fewest, seed) for value in sorted(set(values) - {""}, key=_place)]
    if name not in ("age_band", "fitzpatrick"):
        groups.sort(key=lambda group: -group.photos)
    return Field(name, tuple(groups), sum(not value for value in values))


def _place(value: str) -> tuple[int, str]:
    return (SKIN_TYPES.index(value), "") if value in SKIN_TYPES else (0, value)


def _group(scored: Scored, name: str, value: str, fewest: int, seed: int) -> Group:
    part = scored.part(np.array([one == value for one in scored.subgroups[name]]))
    clusters = part.clusters()
    patients = len(np.unique(clusters))
    if len(part) < fewest:
        return Group(name, value, len(part), patients, None, None)
    statistics = {"accuracy": accuracy(part), "balanced": balanced_accuracy(part)}
    found = estimates(statistics, clusters, draws=DRAWS, seed=seed)
    return Group(name, value, len(part), patients, found["accuracy"], found["balanced"])
