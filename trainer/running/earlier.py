"""Weights that an earlier run left are taken only where it was fitted to none of the photos that are held out now."""

from pathlib import Path

from trainer.errors import BadData
from trainer.photos.fingerprint import MANIFEST_NAME, read_sides
from trainer.photos.photo import Dataset, of_split


def check_earlier_run(backbone: str | None, dataset: Dataset) -> None:
    """Raise BadData where the run that left the weights `backbone` saw photos of today's test side, or cannot tell.

    Other backbones than weights of our own (`.pt`) pass: what they were fitted to is theirs to say. Photos are told by
    their hashes; other photos of a patient whom that run saw are not noticed.
    """
    if backbone is None or not backbone.endswith(".pt"):
        return
    manifest = Path(backbone).with_name(MANIFEST_NAME)
    if not manifest.is_file():
        raise BadData(f"beside {Path(backbone).name} lies no {MANIFEST_NAME} of its run: what it has seen is not known")
    seen = {sha256 for sha256, side in read_sides(manifest).items() if side != "test"}
    spoilt = sum(photo.sha256 in seen for photo in of_split(dataset.photos, "test"))
    if spoilt:
        raise BadData(
            f"{spoilt} photos of the test side were seen by the run whose weights these are: split as it did, with "
            f"--sides and its {MANIFEST_NAME}"
        )
