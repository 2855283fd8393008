"""The leak is closed: where a missing sex alone is the label, the probe says so and a fitted model gains nothing."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.unit.trainer.fitting.shared import Recorder, point, recipe_of
from trainer.disease.assignment import DiseaseAssignment
from trainer.disease.context import encoded, facts_of, vocabulary_of
from trainer.evaluation.report.shortcuts import warnings
from trainer.fitting.loop import fit
from trainer.fitting.machine import seed_for
from trainer.fitting.recipe import Stage
from trainer.fitting.run_folder import RunFolder
from trainer.fitting.task import FittingTask
from trainer.networks.backbone import Backbone, Origin
from trainer.networks.disease import DiseaseNetwork
from trainer.photos.photo import Dataset, LabelledPhoto, Split, of_split
from trainer.photos.probe import Probe, probe, probe_table

COUNTS: dict[Split, int] = {"train": 120, "val": 20, "test": 200}
SIDE, FILE_SIDE = 32, 96
SITES = ("face", "back", "arm")


def _photo(folder: Path, split: Split, number: int) -> LabelledPhoto:
    """Noise; every second one is a melanoma whose patient's sex is said, the others are nevi of nobody knows whom."""
    rng = np.random.default_rng([COUNTS[split], number])
    path = folder / f"{split}{number}.jpg"
    Image.fromarray(rng.integers(0, 256, (FILE_SIDE, FILE_SIDE, 3), dtype=np.uint8)).save(path, "JPEG", quality=90)
    melanoma = number % 2 == 1
    return LabelledPhoto(
        path,
        f"{COUNTS[split]:032x}{number:032x}",
        path.name,
        None,
        "melanoma" if melanoma else "nevus",
        f"{split}{number}",
        None,
        split,
        sex=str(rng.choice(["F", "M"])) if melanoma else None,
        age=int(rng.integers(20, 80)),
        body_site=str(rng.choice(SITES)),
    )


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Photos that say nothing, of patients of whom a gap says everything."""
    folder = tmp_path_factory.mktemp("leaky")
    made = [_photo(folder, split, number) for split, count in COUNTS.items() for number in range(count)]
    return Dataset(tuple(made), (), "f" * 64)


@pytest.fixture(scope="module")
def found(leaky: Dataset) -> Probe:
    return probe(leaky.photos, "diagnosis")


@pytest.fixture(scope="module")
def fitted(leaky: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[DiseaseAssignment, DiseaseNetwork]:
    """A disease model fitted to them as every one is fitted."""
    recipe = recipe_of(Stage("all", 6, 3e-2))
    assignment = DiseaseAssignment(leaky, SIDE)
    seed_for(recipe, 0)
    stages: list[torch.nn.Module] = [point(3 if place == 0 else 40, 40, norm=True) for place in range(10)]
    network = assignment.network(Backbone(Origin("small", pretrained=False), stages, 40))
    assert isinstance(network, DiseaseNetwork)
    sides = assignment.sides
    task = FittingTask(network, sides.train.examples, sides.tune.examples, recipe, leaky.fingerprint)
    fit(task, Recorder(), RunFolder(tmp_path_factory.mktemp("run")), resume=False)
    return assignment, network.eval()


def said_of(leaky: Dataset) -> NDArray[np.float32]:
    """The context of the test side's photos as serving tells it, [N, K]."""
    vocabulary = vocabulary_of(of_split(leaky.photos, "train"))
    return encoded(facts_of(of_split(leaky.photos, "test"), vocabulary), vocabulary)


def test_the_probe_finds_that_a_missing_sex_is_the_label_and_says_so(found: Probe) -> None:
    assert "missing sex" in found.suspicious
    assert {(gap.fact, gap.label) for gap in found.telling} == {("sex", "nevus"), ("sex", "melanoma")}
    nevus = next(gap for gap in found.telling if gap.label == "nevus")
    assert (nevus.missing.value, nevus.elsewhere.value, nevus.auc.value) == (1, 0, 1)
    assert "that alone tells nevus apart" in probe_table(found)
    told = " ".join(said.en for said in warnings(found))
    assert "Whether sex is said tells nevus apart by itself: it is missing for 100%" in told
    assert all(said.ko != said.en for said in warnings(found))


def test_the_gap_stands_in_the_context_for_whoever_would_use_it(leaky: Dataset) -> None:
    """Or else the next test would show nothing."""
    context = said_of(leaky)
    melanoma = np.array([photo.diagnosis == "melanoma" for photo in of_split(leaky.photos, "test")])
    np.testing.assert_array_equal(context[:, :2].any(1), melanoma)


def test_a_model_gains_nothing_from_the_gap(leaky: Dataset, fitted: tuple[DiseaseAssignment, DiseaseNetwork]) -> None:
    assignment, network = fitted
    context = torch.from_numpy(said_of(leaky))
    truth = assignment.sides.test.examples.targets
    with torch.no_grad():
        images = torch.cat([inputs[0] for inputs, _ in assignment.sides.test.examples.in_order(64)])
        told = network(images, context).softmax(1)
        alone = network(images, torch.zeros_like(context)).softmax(1)
    for answers in (told, alone):
        assert abs(float((answers.argmax(1) == truth).float().mean()) - 0.5) < 0.1
    melanoma = assignment.labels.index("melanoma")
    shift = (told - alone)[:, melanoma]
    gained = float(shift[truth == melanoma].mean() - shift[truth != melanoma].mean())
    assert abs(gained) < 0.05
