"""Labelled photos: read with checks, split by patient, known by their hashes."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trainer.errors import BadData

Split = Literal["train", "val"]

MAX_LABELS = 1_000_000
_UNSEEN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo and what is said about it. `sex`, `age` (years) and `body_site` are None where unknown."""

    path: Path
    sha256: str
    diagnosis: str
    patient_id: str
    split: Split
    sex: str | None
    age: int | None
    body_site: str | None


@dataclass(frozen=True, slots=True)
class Labels:
    """What a labels.csv gave: photos, each once, and the names of those left out for contradicting labels."""

    photos: tuple[LabelledPhoto, ...]
    contradicted: tuple[str, ...]


def read_labels(labels: Path, photos: Path) -> Labels:
    """Read a labels.csv with the columns file, diagnosis, patient_id and, optionally, split, sex, age, body_site.

    `file` is relative to `photos`. Without `split`, a fifth of the patients is set aside by a hash of their id.
    A picture listed twice counts once; one with two diagnoses or patients is left out. Raises BadData, naming the
    line, for a missing column, file or value, a path that leaves the folder, or a patient on both sides of the split.
    """
    found = tuple(_rows(labels, photos))
    if not found:
        raise BadData(f"{labels.name} names no photo")
    _refuse_straddling_patients(found)
    return _each_once(found)


def fingerprint(photos: Iterable[LabelledPhoto]) -> str:
    """SHA-256 over each photo's hash, label and side of the split, in the order of the hashes."""
    lines = sorted(f"{photo.sha256} {photo.diagnosis} {photo.split}\n" for photo in photos)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def of_split(photos: Iterable[LabelledPhoto], split: Split) -> tuple[LabelledPhoto, ...]:
    """Those on one side of the split, in their order."""
    return tuple(photo for photo in photos if photo.split == split)


def _rows(labels: Path, photos: Path) -> Iterator[LabelledPhoto]:
    root = photos.resolve()
    try:
        with labels.open(encoding="utf-8", newline="") as lines:
            for row_number, row in enumerate(csv.DictReader(lines), start=2):
                if row_number > MAX_LABELS:
                    raise BadData(f"{labels.name} has more than {MAX_LABELS} lines")
                yield _photo(row, root, f"{labels.name} line {row_number}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{labels.name} cannot be read: {error}") from error


def _photo(row: dict[str, str], root: Path, place: str) -> LabelledPhoto:
    for column in ("file", "diagnosis", "patient_id"):
        if not row.get(column):
            raise BadData(f"{place}: {column} is missing")
    path = (root / row["file"]).resolve()
    if not path.is_relative_to(root):
        raise BadData(f"{place}: the file lies outside the folder of photos")
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadData(f"{place}: {row['file']} cannot be read: {error.strerror}") from error
    return LabelledPhoto(
        path=path,
        sha256=digest,
        diagnosis=row["diagnosis"],
        patient_id=row["patient_id"],
        split=_split(row.get("split") or "", row["patient_id"], place),
        sex=row.get("sex") or None,
        age=_age(row.get("age") or "", place),
        body_site=(row.get("body_site") or "").lower() or None,
    )


def _split(given: str, patient_id: str, place: str) -> Split:
    if given == "train":
        return "train"
    if given == "val":
        return "val"
    if given:
        raise BadData(f"{place}: split is {given!r}, neither train nor val")
    draw = int.from_bytes(hashlib.sha256(patient_id.encode()).digest()[:4], "big") / 2**32
    return "val" if draw < _UNSEEN_SHARE else "train"


def _age(given: str, place: str) -> int | None:
    if not given:
        return None
    try:
        return int(float(given))
    except (ValueError, OverflowError) as error:
        raise BadData(f"{place}: age is {given!r}, no number") from error


def _each_once(photos: tuple[LabelledPhoto, ...]) -> Labels:
    kept: dict[str, LabelledPhoto] = {}
    contradicted: dict[str, list[str]] = {}
    for photo in photos:
        other = kept.setdefault(photo.sha256, photo)
        if (other.diagnosis, other.patient_id) != (photo.diagnosis, photo.patient_id):
            contradicted.setdefault(photo.sha256, [other.path.name]).append(photo.path.name)
    return Labels(
        photos=tuple(photo for digest, photo in kept.items() if digest not in contradicted),
        contradicted=tuple(name for names in contradicted.values() for name in names),
    )


def _refuse_straddling_patients(photos: tuple[LabelledPhoto, ...]) -> None:
    sides: dict[str, Split] = {}
    for photo in photos:
        if sides.setdefault(photo.patient_id, photo.split) != photo.split:
            raise BadData(f"the patient of {photo.path.name} is on both sides of the split")
