"""What a model was made from, in a form that can be checked later and tells nobody's identity."""

import csv
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from trainer.photos.errors import BadLabels
from trainer.photos.photo import SPLITS, LabelledPhoto, Split
from trainer.photos.table import read_table

MANIFEST_NAME = "dataset.csv"
MANIFEST_COLUMNS = ("sha256", "suitability", "diagnosis", "split", "patient")
_PATIENT_DIGITS = 16
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def fingerprint(photos: Iterable[LabelledPhoto]) -> str:
    """SHA-256 over each photo's hash, labels and side of the split, in the order of the hashes."""
    lines = sorted(
        f"{photo.sha256} {photo.suitability or '-'} {photo.diagnosis or '-'} {photo.split}\n" for photo in photos
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_manifest(photos: Sequence[LabelledPhoto], folder: Path, *, salt: bytes | None = None) -> Path:
    """Write `dataset.csv`, a line for each photo in the order of their hashes, in one step; its path.

    The column `patient` says only which photos belong together: it is an HMAC of the patient's id under `salt`,
    which is drawn anew where none is given and is written nowhere, so that ids cannot be found by trying them.
    """
    key = salt if salt is not None else secrets.token_bytes(32)
    path = folder / MANIFEST_NAME
    draft = folder / f".{MANIFEST_NAME}.{os.getpid()}"
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MANIFEST_COLUMNS)
        for photo in sorted(photos, key=lambda each: each.sha256):
            patient = hmac.new(key, photo.patient_id.encode(), hashlib.sha256).hexdigest()[:_PATIENT_DIGITS]
            writer.writerow((photo.sha256, photo.suitability or "", photo.diagnosis or "", photo.split, patient))
        file.flush()
        os.fsync(file.fileno())
    return draft.replace(path)


def read_sides(manifest: Path) -> dict[str, Split]:
    """SHA-256 -> side of the split, from a written manifest. Raises BadLabels where it is none."""
    table = read_table(manifest)
    if not {"sha256", "split"} <= set(table.columns):
        raise BadLabels(f"{table.name} is no manifest of a data set: it has no columns sha256 and split")
    sides: dict[str, Split] = {}
    for row in table.rows:
        side = next((each for each in SPLITS if each == row.cells["split"]), None)
        if side is None or not _SHA256.fullmatch(row.cells["sha256"]):
            raise BadLabels(f"{row.place}: no SHA-256, or none of {', '.join(SPLITS)}")
        sides[row.cells["sha256"]] = side
    return sides
