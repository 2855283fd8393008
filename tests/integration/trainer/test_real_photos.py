"""The photos that are shared between projects, read, compared and probed as they are."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.integration.trainer.shared import shared_data
from trainer.photos.dataset import Plan
from trainer.photos.duplicates import near_duplicates
from trainer.photos.perceptual import thumb
from trainer.photos.photo import Dataset, of_split
from trainer.photos.probe import probe
from trainer.photos.reading import read_photos


@pytest.fixture(scope="module")
def data() -> Dataset:
    folder = shared_data("skin-train")
    return read_photos(folder, folder / "labels.csv", Plan(wanted="diagnosis"))


def test_real_photos_are_read_as_their_readme_says(data: Dataset) -> None:
    assert (len(data.photos), len(data.left_out)) == (702, 4)
    patients = [{photo.patient_id for photo in of_split(data.photos, side)} for side in ("train", "val", "test")]
    assert len(set().union(*patients)) == sum(map(len, patients))
    assert "the labels name no test side: what they call val is held out as the test side" in data.notes


def test_missing_sex_is_found_to_give_the_diagnosis_away(data: Dataset) -> None:
    found = probe(data.photos, "diagnosis")
    assert "missing sex" in found.suspicious
    assert "aspect" not in found.suspicious


def test_copies_of_real_photos_are_found_and_nothing_else(data: Dataset) -> None:
    images = [_opened(photo.path) for photo in data.photos[:150]]
    copies = [_recompressed(image).resize((224, 224)) for image in images[:60]]
    cropped = [image.crop((2, 2, image.width - 2, image.height - 2)) for image in images[60:100]]
    found = near_duplicates(np.stack([thumb(image) for image in [*images, *copies, *cropped]])).tolist()
    assert found == [[number, 150 + number] for number in range(100)]


def _opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _recompressed(image: Image.Image) -> Image.Image:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=40)
    return Image.open(io.BytesIO(target.getvalue())).convert("RGB")
