import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inference.errors import ManifestError, ModelFailed, ModelRefused
from inference.manifest import ContextVocabulary, Manifest, Patches
from inference.patches import PatchPlan
from inference.runtime import load_model
from tests.models import build_model, make_manifest, write_model

SUITABILITY = make_manifest("suitability", patches=Patches.of(PatchPlan(5, 16)))
DISEASE = make_manifest(
    "disease", context=ContextVocabulary(sex=("F", "M"), age_bands=((0, 50),), body_sites=("face",))
)


def change_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def flip_a_byte(folder: Path) -> None:
    data = bytearray((folder / "model.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.onnx").write_bytes(bytes(data))


def put_in_its_place(data: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / "model.onnx").write_bytes(data)
        change_manifest(folder, model_sha256=hashlib.sha256(data).hexdigest())

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (flip_a_byte, "SHA-256"),
        (lambda folder: change_manifest(folder, model_sha256="0" * 64), "SHA-256"),
        (lambda folder: (folder / "model.onnx").unlink(), "cannot be read"),
        (put_in_its_place(b""), "metadata"),
        (put_in_its_place(b"\xff\xff\xff\xff"), "not an ONNX file"),
        (put_in_its_place(b"not a model"), "not an ONNX file"),
        (lambda folder: change_manifest(folder, image_size=64), "image_size"),
        (lambda folder: change_manifest(folder, threshold=0.6), "threshold"),
        (lambda folder: change_manifest(folder, patches=None), "inputs"),
        (
            lambda folder: change_manifest(folder, architecture={"name": "x", "hidden_layers": 50, "units": 500}),
            "10 hidden layers with 500 units, the manifest says 50",
        ),
    ],
)
def test_a_model_that_was_tampered_with_is_refused(tmp_path: Path, spoil: Callable[[Path], object], told: str) -> None:
    folder = write_model(tmp_path / "1", SUITABILITY)
    spoil(folder)
    with pytest.raises(ModelRefused, match=told):
        load_model(folder)


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ({"layers": 9, "channels": 100}, "9 hidden layers"),
        ({"channels": 49}, "490 units"),
        ({"outputs": 7}, r"probabilities has the shape \['N', 7\], not \[N, 8\]"),
        ({"metadata": {}}, "lacks 'task'"),
        ({"softmax": False}, "sum to"),
    ],
)
def test_a_model_that_breaks_the_rules_is_refused(tmp_path: Path, faults: dict[str, Any], told: str) -> None:
    folder = write_model(tmp_path / "1", SUITABILITY, build_model(SUITABILITY, **faults))
    with pytest.raises(ModelRefused, match=told):
        load_model(folder)


def test_a_model_with_an_operator_nobody_knows_is_refused(tmp_path: Path) -> None:
    model = build_model(SUITABILITY)
    model.graph.node[-1].op_type = "Sorcery"
    with pytest.raises(ModelRefused, match="ONNX Runtime does not take"):
        load_model(write_model(tmp_path / "1", SUITABILITY, model))


def test_a_model_whose_values_lie_elsewhere_is_refused(tmp_path: Path) -> None:
    model = build_model(SUITABILITY)
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")
    with pytest.raises(ModelRefused, match="outside"):
        load_model(write_model(tmp_path / "1", SUITABILITY, model))


def test_a_model_that_gives_no_numbers_is_refused(tmp_path: Path) -> None:
    model = build_model(SUITABILITY)
    model.graph.node[-1].op_type = "Log"
    del model.graph.node[-1].attribute[:]
    with pytest.raises(ModelRefused, match="trial run failed"):
        load_model(write_model(tmp_path / "1", SUITABILITY, model))


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        load_model(tmp_path)


@pytest.mark.parametrize("manifest", [SUITABILITY, DISEASE], ids=["suitability", "disease"])
def test_a_model_answers_for_a_batch(tmp_path: Path, manifest: Manifest) -> None:
    model = load_model(write_model(tmp_path / "1", manifest), threads=1)
    inputs: dict[str, Any] = {"image": np.random.default_rng(1).random((3, 3, 32, 32), np.float32)}
    if manifest.patches:
        inputs["patches"] = np.zeros((3, 5, 3, 16, 16), np.float32)
    if manifest.context:
        inputs["context"] = np.zeros((3, 4), np.float32)
    outputs = model.run(inputs)
    assert outputs["probabilities"].shape == (3, len(manifest.labels))
    assert np.allclose(outputs["probabilities"].sum(axis=1), 1)
    assert ("embedding" in outputs) is (manifest.task == "disease")


def test_a_wrong_input_fails_that_run_only(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path / "1", DISEASE))
    good = {"image": np.zeros((1, 3, 32, 32), np.float32), "context": np.zeros((1, 4), np.float32)}
    with pytest.raises(ModelFailed, match="disease/1 failed"):
        model.run(good | {"image": np.zeros((1, 3, 31, 32), np.float32)})
    assert model.run(good)


def test_numbers_that_are_not_finite_fail_the_run(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path / "1", DISEASE))
    with pytest.raises(ModelFailed, match="not finite"):
        model.run({"image": np.zeros((1, 3, 32, 32), np.float32), "context": np.full((1, 4), np.nan, np.float32)})


def test_threads_share_a_model(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path / "1", DISEASE), threads=2)
    rng = np.random.default_rng(3)
    inputs = [
        {"image": rng.random((1, 3, 32, 32), np.float32), "context": np.zeros((1, 4), np.float32)} for _ in range(16)
    ]
    alone = [model.run(each)["probabilities"] for each in inputs]
    with ThreadPoolExecutor(4) as pool:
        together = [answer["probabilities"] for answer in pool.map(model.run, inputs)]
    assert all(np.allclose(one, other, atol=1e-6) for one, other in zip(alone, together, strict=True))


def test_a_model_takes_no_processor_time_between_two_pictures(tmp_path: Path) -> None:
    """Threads that spin while they wait would take some 7 ms of it after each of these runs of half a millisecond."""
    folder = write_model(tmp_path / "1", make_manifest("suitability"))
    program = (
        "import pathlib, sys, time\n"
        "import numpy\n"
        "from inference.runtime import load_model\n"
        "model = load_model(pathlib.Path(sys.argv[1]), threads=4)\n"
        "image = numpy.zeros((1, 3, 32, 32), numpy.float32)\n"
        "started = time.process_time()\n"
        "for _ in range(40):\n"
        "    model.run({'image': image})\n"
        "    time.sleep(0.01)\n"
        "print((time.process_time() - started) / 40)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program, folder], check=True, capture_output=True, text=True)
    assert float(answer.stdout) < 0.003


def test_serving_never_imports_torch() -> None:
    """Every module of the serving side is imported in a fresh process."""
    program = (
        "import importlib, pkgutil, sys\n"
        "for name in ('inference', 'gateway.serving'):\n"
        "    package = importlib.import_module(name)\n"
        "    for module in pkgutil.walk_packages(package.__path__, name + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "        print(module.name)\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('torch', 'trainer', 'onnxscript')]\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=dict(os.environ)
    )
    assert {"inference.runtime", "inference.disease", "gateway.serving.models"} <= set(answer.stdout.split())


def test_the_small_models_are_valid_onnx() -> None:
    onnx.checker.check_model(build_model(DISEASE), full_check=True)
    assert helper.printable_graph(build_model(SUITABILITY).graph)
