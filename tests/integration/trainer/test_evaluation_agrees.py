"""Serving and evaluation agree: the same photo posted to a gateway and tried here gets the same answer."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.config import Settings
from inference.bundling import install_bundled
from inference.rules import USABLE
from inference.runtime import LoadedModel, load_model
from inference.store import TASKS, ModelStore
from tests.integration.intake.served import Served
from tests.integration.trainer.shared import shared_data
from tests.peers import free_port
from trainer.evaluation.scored import Scored, verdicts
from trainer.evaluation.trying import Trial, score
from trainer.photos.photo import LabelledPhoto
from trainer.synthetic.album import synthetic_photo

CLOSE = 1e-4
SAID = {"patient_sex": "F", "patient_age": "44", "body_site": "forearm"}
SIZES = {"small": (320, 240), "upright": (480, 640), "phone": (1600, 1200), "twelve-megapixels": (4000, 3000)}
ORIENTATIONS = (1, 3, 6, 8)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that serves the bundled models."""
    folder = tmp_path_factory.mktemp("store")
    install_bundled(ModelStore(folder))
    return folder


@pytest.fixture(scope="module")
def gateway(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway with these models, HTTP on a real socket."""
    folder = tmp_path_factory.mktemp("gateway")
    tree = {
        "archive": {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"},
        "models": {"store": store},
        "http": {"port": free_port()},
        "dimse": {"port": free_port()},
    }
    with Served(Settings.model_validate(tree)) as running:
        yield running


@pytest.fixture(scope="module")
def models(store: Path) -> dict[str, LoadedModel]:
    held = ModelStore(store)
    return {task: load_model(held.folder(task, held.versions(task)[-1]), threads=1) for task in TASKS}


def tried(models: dict[str, LoadedModel], task: str, path: Path, *, with_context: bool = False) -> Scored:
    """The evaluation's answer to one photo."""
    photo = LabelledPhoto(path, "0" * 64, path.name, USABLE, "nevus", "p", None, "test", "F", 44, "forearm")
    trial = Trial(photo, models[task].manifest.labels[0], path.name)
    return score(models[task], [trial], lambda trials, _: trials, with_context=with_context)


def check(gateway: Served, models: dict[str, LoadedModel], path: Path) -> dict[str, Any]:
    """Post the photo with what is said of the patient; compare every number; give the submission."""
    submission = gateway.accepted(path.read_bytes(), SAID)
    judgement = submission["judgement"]
    found = tried(models, "suitability", path)
    assert judgement["probability"] == pytest.approx(found.probability_of(USABLE)[0], abs=CLOSE)
    for reason in judgement["reasons"]:
        assert reason["probability"] == pytest.approx(found.probability_of(reason["code"])[0], abs=CLOSE)
    named = found.labels[int(verdicts(found, models["suitability"].manifest.threshold)[0])]
    assert named == (USABLE if judgement["usable"] else judgement["reasons"][0]["code"])
    if judgement["usable"]:
        ranked = tried(models, "disease", path, with_context=True)
        served = {one["code"]: one["probability"] for one in submission["ranking"]["diseases"]}
        assert set(served) == set(ranked.labels)
        for code, probability in served.items():
            assert probability == pytest.approx(ranked.probability_of(code)[0], abs=CLOSE)
    return submission


@pytest.mark.parametrize("size", SIZES)
def test_drawn_photos_of_every_size(gateway: Served, models: dict[str, LoadedModel], tmp_path: Path, size: str) -> None:
    width, height = SIZES[size]
    drawn = synthetic_photo(USABLE, 7, (min(width, 800), min(height, 800))).resize((width, height))
    path = tmp_path / "photo.jpg"
    drawn.save(path, "JPEG", quality=92)
    check(gateway, models, path)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_photos_held_in_every_way(
    gateway: Served, models: dict[str, LoadedModel], tmp_path: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    synthetic_photo(USABLE, 11, (480, 360)).save(path, "JPEG", quality=92, exif=exif.tobytes())
    check(gateway, models, path)


def test_spoilt_photos_and_other_formats(gateway: Served, models: dict[str, LoadedModel], tmp_path: Path) -> None:
    for number, kind in enumerate(("underexposed", "out_of_focus", "not_skin")):
        path = tmp_path / f"{kind}.png"
        synthetic_photo(kind, number, (400, 300)).save(path, "PNG")
        check(gateway, models, path)


def test_real_photos(gateway: Served, models: dict[str, LoadedModel]) -> None:
    photos = sorted((shared_data("skin-real") / "skin").glob("*.jpg"))[::8]
    usable = [check(gateway, models, path)["judgement"]["usable"] for path in photos]
    assert any(usable), "rankings were compared, too"


def test_what_is_said_of_the_patient_counts_the_same(
    gateway: Served, models: dict[str, LoadedModel], tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    file = io.BytesIO()
    synthetic_photo(USABLE, 11, (480, 360)).save(file, "JPEG", quality=92)
    path.write_bytes(file.getvalue())
    alone = tried(models, "disease", path).probabilities
    told = tried(models, "disease", path, with_context=True).probabilities
    assert abs(alone - told).max() > CLOSE, "the model listens to it, so the comparisons above mean something"
    served = gateway.accepted(path.read_bytes())["ranking"]["diseases"]
    labels = models["disease"].manifest.labels
    for one in served:
        assert one["probability"] == pytest.approx(alone[0, labels.index(one["code"])], abs=CLOSE)
