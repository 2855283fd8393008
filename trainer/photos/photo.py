"""Labelled photos as the trainer knows them: one photo, and a whole data set of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Split = Literal["train", "val", "test"]
"""Fitted on; tuned and stopped by; looked at once, at the end."""
SPLITS: tuple[Split, Split, Split] = ("train", "val", "test")

SaidBy = Literal["doctor", "rule"]
Wanted = Literal["suitability", "diagnosis"]


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo and what is said about it.

    `name` is how its source calls it, for people to find it. `suitability` is one of
    inference.rules.SUITABILITY_LABELS, `diagnosis` a disease's slug; at least one of them is there. `patient_id` is
    never empty: where the source does not tell patients apart it stands for a lesion (`lesion:...`) or for a group of
    near-duplicates (`group:...`). `sex` is F or M, `age` whole years 0..120, `body_site` a slug of the gateway,
    `fitzpatrick` 1..6; all of these are None where unknown. `said_by` is None where the source does not say.
    `facts` are the source's other columns as they stood, among them the names that were normalised here.
    """

    path: Path
    sha256: str
    name: str
    suitability: str | None
    diagnosis: str | None
    patient_id: str
    lesion_id: str | None
    split: Split
    sex: str | None = None
    age: int | None = None
    body_site: str | None = None
    fitzpatrick: int | None = None
    said_by: SaidBy | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    def label(self, wanted: Wanted) -> str | None:
        """What is said of it in one task; None where nothing is."""
        return self.suitability if wanted == "suitability" else self.diagnosis


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A photo that a source names and that is not among the photos, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Photos, each picture once and in the order of their hashes, with what a reader of results must know of them.

    `left_out` are photos that could not be used; `notes` are sentences for the report, such as that patients are
    unknown; `fingerprint` is that of trainer.photos.fingerprint.
    """

    photos: tuple[LabelledPhoto, ...]
    left_out: tuple[LeftOut, ...]
    fingerprint: str
    notes: tuple[str, ...] = ()


def of_split(photos: Iterable[LabelledPhoto], split: Split) -> tuple[LabelledPhoto, ...]:
    """Those on one side of the split, in their order."""
    return tuple(photo for photo in photos if photo.split == split)
