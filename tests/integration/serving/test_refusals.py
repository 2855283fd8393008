"""A version that was tampered with, or never fitted, does not come to serve whichever way it is tried."""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from gateway.serving.models import ServedModels
from inference.errors import InferenceError
from inference.manifest import Task
from inference.runtime import MAX_MODEL_BYTES
from inference.store import ModelStore
from tests.models import DISEASES, build_model, make_manifest, overwrite, write_model

MANIFEST = make_manifest("disease")
IMAGE = {"image": np.full((1, 3, 32, 32), 0.3, np.float32)}
Fault = Callable[[Path], object]


def change_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    overwrite(path, json.dumps(json.loads(path.read_text()) | changes).encode())


def flip_a_byte(folder: Path) -> None:
    data = bytearray((folder / "model.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    overwrite(folder / "model.onnx", bytes(data))


def with_model(model: onnx.ModelProto, **changes: Any) -> Fault:
    """Another model file, with the hash that it has: only its content is wrong."""

    def spoil(folder: Path) -> None:
        data = model.SerializeToString()
        overwrite(folder / "model.onnx", data)
        change_manifest(folder, model_sha256=hashlib.sha256(data).hexdigest(), **changes)

    return spoil


def kept_outside() -> onnx.ModelProto:
    model = build_model(MANIFEST)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return model


def too_large(folder: Path) -> None:
    path = folder / "model.onnx"
    overwrite(path, b"")
    os.truncate(path, MAX_MODEL_BYTES + 1)


def take_the_manifest_of_suitability(folder: Path) -> None:
    other = folder.parents[1] / "suitability" / "1" / "manifest.json"
    overwrite(folder / "manifest.json", other.read_bytes())


FAULTS: dict[str, tuple[Fault, str]] = {
    "a byte of the model file": (flip_a_byte, "SHA-256"),
    "the hash in the manifest": (lambda folder: change_manifest(folder, model_sha256="0" * 64), "SHA-256"),
    "labels in another order": (
        with_model(build_model(make_manifest("disease", labels=tuple(reversed(DISEASES))))),
        "labels",
    ),
    "labels of other diseases": (
        lambda folder: change_manifest(folder, labels=[*DISEASES[:-1], "XXX"]),
        "labels",
    ),
    "a label too few": (with_model(build_model(MANIFEST, outputs=5)), r"\[N, 6\]"),
    "another input size": (
        with_model(build_model(make_manifest("disease", image_size=64), metadata=MANIFEST.onnx_metadata())),
        "shape",
    ),
    "too few layers": (
        with_model(
            build_model(MANIFEST, layers=9, channels=60),
            architecture={"name": "small", "hidden_layers": 9, "units": 540},
        ),
        "9 hidden layers",
    ),
    "too few units": (
        with_model(build_model(MANIFEST, channels=49), architecture={"name": "x", "hidden_layers": 10, "units": 490}),
        "490 units",
    ),
    "no probabilities": (with_model(build_model(MANIFEST, softmax=False)), "sum to"),
    "values outside the file": (with_model(kept_outside()), "outside"),
    "a huge file": (too_large, "more than"),
    "no card": (lambda folder: (folder / "card.md").unlink(), "card.md is missing"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "manifest.json"),
    "no model file": (lambda folder: (folder / "model.onnx").unlink(), "model.onnx"),
    "the manifest of another version": (lambda folder: change_manifest(folder, version=7), "disease/7"),
    "the manifest of another task": (take_the_manifest_of_suitability, "suitability/1"),
    "nothing to read in the manifest": (lambda folder: overwrite(folder / "manifest.json", b"{"), "Invalid JSON"),
}
by_fault = pytest.mark.parametrize(("spoil", "told"), FAULTS.values(), ids=FAULTS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which version 1 of both tasks serves and disease/2 is a candidate."""
    folder = tmp_path_factory.mktemp("made")
    store = ModelStore(folder / "store")
    models: tuple[tuple[Task, int], ...] = (("suitability", 1), ("disease", 1), ("disease", 2))
    for task, version in models:
        store.add(write_model(folder / f"{task}-{version}", make_manifest(task, version=version)))
    store.promote("suitability", 1)
    store.promote("disease", 1)
    return store.root


@pytest.fixture
def store(made: Path, tmp_path: Path) -> ModelStore:
    shutil.copytree(made, tmp_path / "store")
    return ModelStore(tmp_path / "store")


@pytest.fixture
def models(store: ModelStore) -> Iterator[ServedModels]:
    with ServedModels(store, threads=1, check_seconds=0.02) as models:
        yield models


def wait_for_fault(models: ServedModels) -> str:
    end = time.monotonic() + 5
    while "disease" not in models.faults():
        assert time.monotonic() < end, "no fault is told"
        time.sleep(0.01)
    return models.faults()["disease"]


def reason_of(models: ServedModels, version: int) -> tuple[str, str | None]:
    record = next(each for each in models.describe() if (each.task, each.version) == ("disease", version))
    return record.state, record.reason


@by_fault
def test_it_is_not_promoted_nor_put_in_the_shadow(store: ModelStore, spoil: Fault, told: str) -> None:
    spoil(store.folder("disease", 2))
    for act in (store.promote, store.put_in_shadow):
        with pytest.raises(InferenceError, match=told):
            act("disease", 2)
    assert (store.serving("disease"), store.shadow("disease")) == (1, None)


@by_fault
def test_it_does_not_serve_where_the_mark_is_written_by_hand(
    models: ServedModels, store: ModelStore, spoil: Fault, told: str
) -> None:
    spoil(store.folder("disease", 2))
    before = models.disease()
    (store.root / "disease" / "serving").write_text("2\n")
    assert re.search(told, wait_for_fault(models))
    assert models.disease() is before
    state, reason = reason_of(models, 2)
    assert state == "refused"
    assert re.search(told, reason or "")
    assert reason_of(models, 1) == ("active", None)


@pytest.mark.parametrize("spoil", [spoil for spoil, _ in FAULTS.values()], ids=FAULTS)
def test_what_serves_goes_on_from_memory_where_its_files_change(
    models: ServedModels, store: ModelStore, spoil: Fault
) -> None:
    before = models.disease()
    answer = before.run(IMAGE)["probabilities"]
    spoil(store.folder("disease", 1))
    assert "changed since it was loaded" in wait_for_fault(models)
    assert models.disease() is before
    assert np.array_equal(models.disease().run(IMAGE)["probabilities"], answer)
    assert reason_of(models, 1)[0] == "refused"


def test_a_shadow_that_is_refused_judges_nothing_and_says_why(models: ServedModels, store: ModelStore) -> None:
    flip_a_byte(store.folder("disease", 2))
    (store.root / "disease" / "shadow").write_text("2\n")
    end = time.monotonic() + 5
    while "disease shadow" not in models.faults():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert models.shadow("disease") is None
    assert reason_of(models, 2)[0] == "refused"


def test_files_put_back_are_taken_for_what_they_are(models: ServedModels, store: ModelStore) -> None:
    path = store.folder("disease", 1) / "model.onnx"
    data = path.read_bytes()
    overwrite(path, b"other")
    wait_for_fault(models)
    overwrite(path, data)
    end = time.monotonic() + 5
    while models.faults():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert reason_of(models, 1) == ("active", None)
