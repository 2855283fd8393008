"""What a model was made from, in a form that can be checked later and tells nobody's identity."""

import csv
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from trainer.photos.photo import LabelledPhoto

MANIFEST_NAME = "dataset.csv"
MANIFEST_COLUMNS = ("sha256", "suitability", "diagnosis", "split", "patient")
_PATIENT_DIGITS = 16


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
