"""Weights of an earlier run are refused where that run has seen what is held out now."""

from pathlib import Path

import pytest

from trainer.errors import BadData
from trainer.photos.fingerprint import write_manifest
from trainer.photos.photo import SPLITS, Dataset, LabelledPhoto, Split
from trainer.running.earlier import check_earlier_run


def dataset(*sides: Split) -> Dataset:
    photos = (
        LabelledPhoto(Path(f"{n}.jpg"), f"{n:064x}", f"{n}.jpg", None, "nevus", f"p{n}", None, side)
        for n, side in enumerate(sides)
    )
    return Dataset(tuple(photos), (), "")


@pytest.fixture
def weights(tmp_path: Path) -> str:
    """Of a run that was fitted to photo 0, tuned with photo 1 and held photo 2 out."""
    write_manifest(dataset(*SPLITS).photos, tmp_path)
    return str(tmp_path / "weights.pt")


def test_weights_without_their_runs_list_of_photos_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"beside weights\.pt lies no dataset\.csv"):
        check_earlier_run(str(tmp_path / "weights.pt"), dataset("train", "test"))


@pytest.mark.parametrize("sides", [("test", "train", "train"), ("train", "test", "train")])
def test_photos_that_the_earlier_run_saw_are_no_test(weights: str, sides: tuple[Split, ...]) -> None:
    with pytest.raises(BadData, match=r"1 photos of the test side were seen .* --sides"):
        check_earlier_run(weights, dataset(*sides))


def test_the_earlier_runs_own_test_side_stays_one(weights: str) -> None:
    check_earlier_run(weights, dataset("val", "train", "test"))


@pytest.mark.parametrize("backbone", [None, "own", "mobilenet.pth", "facebook/dinov2-small"])
def test_other_backbones_pass(backbone: str | None) -> None:
    check_earlier_run(backbone, dataset("test"))
