"""The front door: a folder per class, or a CSV file with its photos, to a checked and split data set."""

from pathlib import Path

from trainer.photos.csv_source import Missing, read_csv
from trainer.photos.dataset import Plan, assemble
from trainer.photos.facts import add_facts
from trainer.photos.folder_source import read_folder
from trainer.photos.photo import Dataset


def read_photos(
    photos: Path, labels: Path | None, plan: Plan, *, facts: Path | None = None, missing: Missing = "refuse"
) -> Dataset:
    """Read labelled photos from the folder `photos`: with a CSV file `labels`, or else by the names of its folders.

    `facts` is a further CSV file about the same photos, such as ISIC's metadata and lesion groupings, which come apart
    from the labels; `missing` is that of read_csv. Raises what read_csv, read_folder, add_facts and assemble raise:
    BadData.
    """
    source = read_folder(photos) if labels is None else read_csv(labels, photos, missing=missing)
    return assemble(source if facts is None else add_facts(source, facts, photos), plan)
