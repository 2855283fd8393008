"""Cross-validation of a disease model: small, on drawn photos, behind our own trunk as an earlier run left it."""

import json
import math
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import numpy as np
import torch
from rich.console import Console

from tests.integration.trainer.drawn import draw_diseases
from trainer.cli import main
from trainer.crossvalidation.fold import Fold, Material
from trainer.crossvalidation.run import (
    Bound,
    Choices,
    Fit,
    OverTime,
    answered,
    fits_of,
    fitted,
    material_of,
    without,
)
from trainer.errors import BadData
from trainer.networks.tail import Tail
from trainer.networks.trunk import OwnTrunk
from trainer.photos.dataset import Plan
from trainer.photos.photo import LabelledPhoto
from trainer.photos.reading import read_photos

OF_EACH = 24
QUIET = Console(quiet=True)
UNBOUND = Bound(math.inf, QUIET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("photos")
    draw_diseases(place, OF_EACH)
    return place


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    place = tmp_path_factory.mktemp("weights") / "weights.pt"
    torch.save({f"backbone.{name}": tensor for name, tensor in OwnTrunk().state_dict().items()}, place)
    return place


@pytest.fixture(scope="module")
def choices(weights: Path) -> Choices:
    return Choices(str(weights), blocks=1, epochs=1, passes=2, image_size=64, folds=2, seeds=(0, 1))


@pytest.fixture(scope="module")
def photos(folder: Path) -> tuple[LabelledPhoto, ...]:
    return read_photos(folder, None, Plan(wanted="diagnosis")).photos


@pytest.fixture(scope="module")
def material(photos: tuple[LabelledPhoto, ...], choices: Choices) -> Material:
    return material_of(photos, choices)


@pytest.fixture(scope="module")
def done(material: Material, photos: tuple[LabelledPhoto, ...], choices: Choices) -> list[tuple[Fit, Fold]]:
    fits = fits_of(photos, choices)
    return fitted(material, [*fits, without(fits[0], "nevus", material)], choices, UNBOUND)


def test_each_photo_is_answered_once_a_seed_by_a_network_that_never_saw_its_patient(
    done: list[tuple[Fit, Fold]], photos: tuple[LabelledPhoto, ...]
) -> None:
    for seed in (0, 1):
        of_seed = [(fit, fold) for fit, fold in done if fit.seed == seed and fit.left_out is None]
        assert sorted(row for _, fold in of_seed for row in fold.rows) == list(range(len(photos)))
        for fit, _ in of_seed:
            by_side = {
                side: {photo.patient_id for photo, given in zip(photos, fit.sides, strict=True) if given == side}
                for side in ("train", "val", "test")
            }
            assert not by_side["test"] & (by_side["train"] | by_side["val"])
            assert by_side["train"]
            assert by_side["val"]


def test_answers_are_probabilities_in_the_order_of_the_photos(
    done: list[tuple[Fit, Fold]], material: Material, photos: tuple[LabelledPhoto, ...]
) -> None:
    seed = answered(material, [pair for pair in done if pair[0].left_out is None], 1)
    assert seed.alone.names == tuple(photo.name for photo in photos)
    np.testing.assert_allclose(seed.alone.probabilities.sum(1), 1, atol=1e-5)
    # Nothing is known of drawn patients, so nothing is added to what the picture says.
    np.testing.assert_array_equal(seed.told.probabilities, seed.alone.probabilities)


def test_a_label_that_is_left_out_is_asked_about_and_never_fitted_to(
    done: list[tuple[Fit, Fold]], material: Material
) -> None:
    fit, fold = done[-1]
    assert fit.left_out == "nevus"
    assert fold.strangers is not None
    assert len(fold.strangers) == OF_EACH
    assert {material.photos[row].diagnosis for row in fold.rows} == {"sunburn"}


def test_the_same_choices_give_the_same_answers(
    done: list[tuple[Fit, Fold]], material: Material, choices: Choices
) -> None:
    fit, fold = done[1]
    [(_, again)] = fitted(material, [fit], choices, UNBOUND)
    np.testing.assert_array_equal(again.alone.probabilities, fold.alone.probabilities)


def test_it_gives_up_when_the_time_is_used_up(
    photos: tuple[LabelledPhoto, ...], material: Material, choices: Choices
) -> None:
    with pytest.raises(OverTime, match="after 1 fits"):
        fitted(material, fits_of(photos, choices), choices, Bound(0.0, QUIET))


def test_more_than_can_be_kept_is_refused_before_it_is_worked_out(
    monkeypatch: pytest.MonkeyPatch, photos: tuple[LabelledPhoto, ...], choices: Choices
) -> None:
    monkeypatch.setattr("trainer.crossvalidation.frozen._MOST_BYTES", 1000)
    with pytest.raises(BadData, match="fewer --passes"):
        material_of(photos, choices)


@pytest.mark.parametrize("cut", [0, 1, 3])
def test_a_tail_answers_as_the_whole_does(cut: int) -> None:
    torch.manual_seed(2)
    whole = OwnTrunk().eval()
    pictures = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        before = whole.begin(pictures.clone(), cut)
        torch.testing.assert_close(Tail(whole, cut)(before), whole(pictures))


def test_the_command_prints_both_ways_and_writes_them_down(
    folder: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--folds", "2", "--seeds", "0", "--epochs", "1", "--passes", "1", "--blocks", "1", "--image-size", "64"]
    written = tmp_path / "numbers.json"
    assert main(["cross-validate", str(folder), "--backbone", str(weights), *small, "--json", str(written)]) == 0
    assert "picture alone" in capsys.readouterr().out
    record = json.loads(written.read_text(encoding="utf-8"))
    assert record["picture_alone"]["accuracy"]["n"] == record["with_context"]["accuracy"]["n"] == 2 * OF_EACH


def test_one_fold_is_refused(folder: Path, weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cross-validate", str(folder), "--backbone", str(weights), "--folds", "1"]) == 1
    assert "two folds or more" in capsys.readouterr().err


def test_one_diagnosis_is_refused(folder: Path, weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cross-validate", str(folder), "--labels", str(_of_one(folder)), "--backbone", str(weights)]) == 1
    assert "at least two diagnoses" in capsys.readouterr().err


def _of_one(folder: Path) -> Path:
    rows = [f"nevus/{number}.jpg,nevus,p{number}" for number in range(OF_EACH)]
    place = folder.parent / "one.csv"
    place.write_text("\n".join(["file,diagnosis,patient_id", *rows]) + "\n", encoding="utf-8")
    return place


@pytest.mark.parametrize("said", ["x", "-1", "1,1", "", "1,,2"])
def test_seeds_that_are_none_are_refused_in_words(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["cross-validate", "photos", "--backbone", "w.pt", "--seeds", said])
    assert stopped.value.code == 2
    assert "whole numbers of at least 0" in capsys.readouterr().err
