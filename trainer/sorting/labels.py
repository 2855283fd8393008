"""Doctors' labels of photos in a folder, from a CSV file."""

import csv
from pathlib import Path

from inference.rules import SUITABILITY_LABELS, USABLE
from trainer.errors import BadData

_MAX_BYTES = 64 * 2**20
_MEANS = {"presumed_usable": USABLE}


def read_doctors_labels(path: Path) -> dict[str, str]:
    """Label by file name, of the columns `file` and `suitability`; rows without a label are left out.

    So are those that a rule said, by the column `said_by` where there is one: a rule does not agree with itself.

    Raises BadData for a missing column, a label that is none, or a file that is labelled twice and otherwise.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadData(f"{path.name} is larger than {_MAX_BYTES} bytes")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path.name} cannot be read: {error}") from error
    labels: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        name, label = _of_row(row, f"{path.name} line {number}")
        if label and labels.setdefault(name, label) != label:
            raise BadData(f"{path.name} line {number}: {name} is labelled {label} here and {labels[name]} above")
    return labels


def _of_row(row: dict[str, str], place: str) -> tuple[str, str]:
    if row.get("file") is None or row.get("suitability") is None:
        raise BadData(f"{place}: the columns file and suitability are needed")
    label = row["suitability"].strip()
    label = "" if (row.get("said_by") or "").strip().lower() == "rule" else _MEANS.get(label, label)
    if label and label not in SUITABILITY_LABELS:
        raise BadData(f"{place}: suitability {label[:40]!r} is none of {', '.join(SUITABILITY_LABELS)}")
    return row["file"].strip(), label
