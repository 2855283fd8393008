"""negatives.csv: what lies in a folder of pictures that are not skin, where each is from, and its side of the split."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from trainer.negatives.errors import NoNegatives

LIST_NAME = "negatives.csv"
MAX_ROWS = 100_000
SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Negative:
    """One picture: its name in the folder, the package and the licence it came with, its SHA-256.

    `group` is shared by pictures that look alike; `split` is train, val or test, one for each package; `look` is the
    perceptual hash in 16 hexadecimals.
    """

    file: str
    package: str
    licence: str
    sha256: str
    look: str
    group: str
    split: str


COLUMNS = tuple(field.name for field in fields(Negative))


def write_list(folder: Path, negatives: Sequence[Negative]) -> None:
    """Write the list of a folder."""
    with (folder / LIST_NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(asdict(negative) for negative in negatives)


def read_list(folder: Path, split: str | None = None) -> tuple[Negative, ...]:
    """The pictures of a folder, of one split only if asked.

    Raises NoNegatives where the list is missing or malformed, names a file outside the folder, or has none to give.
    """
    try:
        with (folder / LIST_NAME).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = [row for row, _ in zip(reader, range(MAX_ROWS), strict=False)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoNegatives(f"{LIST_NAME} cannot be read: python -m trainer.negatives makes such a folder") from error
    if set(reader.fieldnames or ()) != set(COLUMNS):
        raise NoNegatives(f"{LIST_NAME} must have the columns {', '.join(COLUMNS)}")
    negatives = tuple(_checked(row, number) for number, row in enumerate(rows, 2))
    chosen = tuple(negative for negative in negatives if split in {None, negative.split})
    if not chosen:
        raise NoNegatives(f"{LIST_NAME} has no pictures{f' in {split}' if split else ''}")
    return chosen


def checked_path(folder: Path, negative: Negative) -> Path:
    """The picture's file. Raises NoNegatives where it is missing or is not the one that was listed."""
    path = folder / negative.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoNegatives(f"{negative.file} is in {LIST_NAME} but cannot be read") from error
    if hashlib.sha256(data).hexdigest() != negative.sha256:
        raise NoNegatives(f"{negative.file} is not the picture that {LIST_NAME} names")
    return path


def _checked(row: dict[str, str], number: int) -> Negative:
    if any(not isinstance(row.get(column), str) for column in COLUMNS):
        raise NoNegatives(f"{LIST_NAME}, line {number}: columns are missing")
    negative = Negative(**{column: row[column] for column in COLUMNS})
    if negative.split not in SPLITS:
        raise NoNegatives(f"{LIST_NAME}, line {number}: split must be one of {', '.join(SPLITS)}")
    if Path(negative.file).name != negative.file or negative.file in {"", ".", ".."}:
        raise NoNegatives(f"{LIST_NAME}, line {number}: a file must lie in the folder itself")
    return negative
