"""A whole run in small: fitted, exported, compared, handed over, or refused with the store left as it was."""

import csv
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.manifest import read_photo_hashes
from inference.runtime import load_model
from inference.store import ModelStore
from trainer.cli import main
from trainer.demonstration import main as make_demonstration
from trainer.synthetic.album import USABLE, synthetic_photo
from trainer.tasks import DIAGNOSES

SIDE = 240


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four drawn photos of each diagnosis, two to train on and two to check with."""
    folder = tmp_path_factory.mktemp("photos")
    rows = []
    for number, diagnosis in enumerate([*DIAGNOSES] * 4):
        name = f"{number:02d}.jpg"
        synthetic_photo(USABLE, number, (SIDE, SIDE)).save(folder / name, "JPEG")
        split = "train" if number < 2 * len(DIAGNOSES) else "val"
        rows.append({"file": name, "split": split, "diagnosis": diagnosis, "patient_id": f"p{number}", "age": 40})
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def fit(task: str, photos: Path, store: Path, *options: str) -> int:
    places = ["--photos", str(photos), "--labels", str(photos / "labels.csv"), "--store", str(store)]
    small = ["--image-size", "32", "--epochs", "1", "--batch-size", "8"]
    return main(["fit", "--task", task, *places, *small, *options])


def test_below_the_threshold_nothing_is_handed_over_and_the_run_says_why(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit("disease", photos, tmp_path / "store", "--threshold", "0.99") == 1
    refusal = capsys.readouterr().err
    assert "nothing is handed over" in refusal
    assert "2 trained on" in refusal
    assert not (tmp_path / "store").exists()


def test_a_disease_model_that_passes_is_handed_over_and_may_serve(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ModelStore(tmp_path / "store")
    assert fit("disease", photos, store.root, "--threshold", "0", "--promote", "--credit", "drawn here") == 0
    shown = capsys.readouterr().out
    assert "hidden layers" in shown
    assert "ms a step" in shown
    model = load_model(store.folder("disease", store.serving("disease")), threads=1)
    assert model.manifest.credits == ("drawn here",)
    assert not model.manifest.demonstration
    assert len(read_photo_hashes(model.manifest, model.folder)) == 24


def test_a_suitability_model_takes_the_next_version_and_serves_only_when_told(photos: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "store")
    few = ("--threshold", "0", "--synthetic", "2", "--usable", "1", "--spoilt", "1")
    assert fit("suitability", photos, store.root, *few) == 0
    assert store.versions("suitability") == [1]
    assert store.serving_mark("suitability") is None
    manifest = load_model(store.folder("suitability", 1), threads=1).manifest
    assert manifest.patches is not None
    assert manifest.architecture.hidden_layers >= 10


def test_the_demonstration_command_ends_with_the_fault_of_its_first_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "labels.csv"
    assert make_demonstration(["--photos", str(tmp_path), "--labels", str(absent), "--store", str(tmp_path)]) == 1
    assert "labels.csv cannot be read" in capsys.readouterr().err
