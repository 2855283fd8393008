"""Folders of drawn photos, a folder per class, and the options of a fit that takes seconds."""

from pathlib import Path

from PIL import Image

from trainer.synthetic.album import USABLE, synthetic_photo

SIDE = 256
DISEASES = ("nevus", "sunburn")
SUITABILITY = (USABLE, "out_of_focus", "underexposed")
SMALL = ("--image-size", "64", "--epochs", "1", "--batch-size", "8", "--threads", "1", "--workers", "1")
FEW = ("--synthetic", "4", "--usable", "1", "--spoilt", "1")
"""Few made examples, for a suitability model."""

_RED = (190, 40, 40)


def draw_diseases(folder: Path, of_each: int) -> Path:
    """`folder/nevus` and `folder/sunburn`, told apart by redness alone."""
    for index, name in enumerate(DISEASES):
        for number in range(of_each):
            photo = synthetic_photo(USABLE, 1000 * index + number, (SIDE, SIDE))
            reddened = Image.blend(photo, Image.new("RGB", photo.size, _RED), 0.75 * index)
            _save(reddened, folder / name / f"{number}.jpg")
    return folder


def draw_suitability(folder: Path, of_each: int) -> Path:
    """A folder for each of three labels of suitability: a model learns the others from made examples."""
    for index, label in enumerate(SUITABILITY):
        for number in range(of_each):
            photo = synthetic_photo(label, 5000 + 100 * index + number, (SIDE, SIDE))
            _save(photo, folder / label / f"{number}.jpg")
    return folder


def _save(photo: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path, "JPEG", quality=90)
