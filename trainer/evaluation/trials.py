"""Which photos a served model is tried on: labelled, of the side asked for, and none that it was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from inference.manifest import read_photo_hashes
from inference.runtime import LoadedModel
from trainer.errors import BadData
from trainer.photos.claims import Claims
from trainer.photos.csv_source import read_csv
from trainer.photos.dataset import Plan, assemble
from trainer.photos.folder_source import read_folder
from trainer.photos.photo import Dataset, LabelledPhoto, Split, of_split

Side = Literal["all", "train", "val", "test"]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Photos that a model was not trained on, and how many it was."""

    photos: tuple[LabelledPhoto, ...]
    trained_on: int


def read_trials(photos: Path, labels: Path | None, side: Side) -> Dataset:
    """Read the photos of one side, or all of them whatever side they are given.

    Raises BadData: labels or photos that cannot be used, or none on that side.
    """
    source = read_folder(photos) if labels is None else read_csv(labels, photos)
    if side == "all":
        source = _on_one_side(source, "test")
    # Photos that look alike are no fault here: they are counted as of one patient.
    data = assemble(source, Plan(duplicates="together"))
    chosen = data.photos if side == "all" else of_split(data.photos, side)
    if not chosen:
        raise BadData(f"no photo is on the side {side}")
    return replace(data, photos=tuple(sorted(chosen, key=lambda photo: photo.name)))


def not_trained_on(model: LoadedModel, photos: Sequence[LabelledPhoto]) -> Unseen:
    """Leave out what the model has learnt from. Raises BadData where nothing is left, ManifestError."""
    known = read_photo_hashes(model.manifest, model.folder)
    unseen = tuple(photo for photo in photos if photo.sha256 not in known)
    if photos and not unseen:
        raise BadData(f"{model.manifest.name} was trained on every one of these photos")
    return Unseen(unseen, len(photos) - len(unseen))


def _on_one_side(source: Claims, side: Split) -> Claims:
    return replace(source, claims=tuple(replace(claim, split=side) for claim in source.claims))
