"""The command `dermgate-train fit`: handed over, or refused with the store left as it was."""

import hashlib
import json
from pathlib import Path

import onnx
import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.manifest import read_photo_hashes
from inference.rules import SUITABILITY_LABELS
from inference.runtime import load_model
from inference.store import ModelStore
from tests.e2e.photos import fill_store
from tests.integration.trainer.drawn import FEW, SMALL, draw_diseases, draw_suitability
from trainer.cli import main
from trainer.demonstration import main as make_demonstration
from trainer.handover import publish
from trainer.handover.export import to_onnx


@pytest.fixture(scope="module")
def diseases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifteen photos of each of two diseases."""
    return draw_diseases(tmp_path_factory.mktemp("photos"), 15)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Where a run leaves its files."""
    return tmp_path / "run"


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with a model of each task that serves."""
    fill_store(tmp_path / "store", tmp_path / "made")
    return ModelStore(tmp_path / "store")


def fit(photos: Path, store: ModelStore, run: Path, *options: str) -> int:
    return main(["fit", str(photos), "--store", str(store.root), "--run", str(run), *SMALL, *options])


def content(store: ModelStore) -> dict[str, str]:
    """Every file of the store by its hash."""
    files = (path for path in store.root.rglob("*") if path.is_file())
    return {path.relative_to(store.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_below_the_threshold_nothing_is_handed_over_and_the_run_says_why(
    diseases: Path, store: ModelStore, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(store)
    assert fit(diseases, store, run, "--threshold", "0.999", "--promote", "--learning-rate", "1e-9") == 1
    assert content(store) == before
    said = capsys.readouterr()
    assert said.err.strip() == "The disease model does not pass the gate (accuracy): nothing is handed over"
    assert "does not pass" not in said.out, "it is said once"
    assert "this test side has been looked at once" in said.out
    assert "What to collect" in said.out
    assert {"decision.json", "decision.md", "report.html", "curves.png", "curves.svg", "epochs.csv"} <= files_of(run)
    assert "model" not in files_of(run)
    report = (run / "report.html").read_text(encoding="utf-8")
    assert "The gate refuses it" in report
    assert report.count("the unlikeness reaches 0.50") == 2, "of pictures alone and with what is known of patients"


def test_a_report_that_cannot_be_made_changes_nothing_in_the_refusal(
    diseases: Path, store: ModelStore, run: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr("trainer.running.run.examined_in_full", fail)
    assert fit(diseases, store, run, "--threshold", "0.999", "--learning-rate", "1e-9") == 1
    assert {"decision.json", "decision.md"} <= files_of(run)
    assert "report.html" not in files_of(run)
    (logged,) = [record for record in caplog.records if record.name == "trainer.running.run"]
    assert "no report could be made" in logged.getMessage()
    assert "out of memory" in str(logged.exc_info)


def test_a_file_that_answers_otherwise_than_the_network_is_not_handed_over(
    diseases: Path, store: ModelStore, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def bent(*arguments: object) -> onnx.ModelProto:
        graph = to_onnx(*arguments)  # type: ignore[arg-type]  # passed on as they came
        weights = next(one for one in graph.graph.initializer if one.raw_data and len(one.dims) == 4)
        weights.raw_data = bytes(len(weights.raw_data))
        return graph

    monkeypatch.setattr(publish, "to_onnx", bent)
    before = content(store)
    assert fit(diseases, store, run, "--threshold", "0") == 1
    assert "differ" in capsys.readouterr().err
    assert content(store) == before


def test_a_policy_for_a_class_that_is_none_is_refused_before_anything_is_fitted(
    diseases: Path, store: ModelStore, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[accuracy]\nthreshold = 0.5\n[recall]\ndefault = 0.1\n[recall.classes]\nmelanoma = 0.5\n")
    assert fit(diseases, store, run, "--policy", str(policy)) == 1
    assert "melanoma" in capsys.readouterr().err
    assert "epochs.csv" not in files_of(run)


def test_another_run_is_not_overwritten(
    diseases: Path, store: ModelStore, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run.mkdir()
    (run / "checkpoint.pt").write_bytes(b"of another run")
    (run / "arguments.json").write_text("[]")
    assert fit(diseases, store, run, "--threshold", "0") == 1
    assert "holds a run already" in capsys.readouterr().err
    assert (run / "arguments.json").read_text() == "[]"


def test_a_disease_model_that_passes_is_handed_over_and_serves_where_told(
    diseases: Path, store: ModelStore, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(diseases, store, run, "--threshold", "0.5", "--promote", "--credit", "drawn here", "--epochs", "12") == 0
    shown = capsys.readouterr().out
    assert "30 photos: " in shown
    assert "guessed from" in shown, "what gives labels away is told before anything is fitted"
    assert "hidden layers" in shown
    assert "ms/step" in shown
    assert f"report: {run}/report.html" in shown
    assert "disease/2 serves" in shown
    model = load_model(store.folder("disease", store.serving("disease")), threads=1)
    assert model.manifest.version == 2
    assert model.manifest.labels == ("nevus", "sunburn")
    assert model.manifest.credits == ("drawn here",)
    assert not model.manifest.demonstration
    trained_on = {line.split(",")[0] for line in (run / "dataset.csv").read_text().splitlines()[1:]}
    assert len(read_photo_hashes(model.manifest, model.folder)) < len(trained_on) == 30
    assert "card.md" in files_of(model.folder)


def test_a_model_that_only_guesses_passes_a_low_threshold_and_is_not_promoted(
    diseases: Path, store: ModelStore, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(diseases, store, run, "--threshold", "0", "--promote", "--learning-rate", "1e-9") == 1
    said = capsys.readouterr()
    assert "warning: the model is no better than always naming" in said.out
    assert "disease/2 does not serve: it is no better than always naming" in said.err
    assert "dermgate models promote disease/2" in said.err
    assert store.versions("disease") == [1, 2]
    assert store.serving("disease") == 1
    assert "The model is no better than always naming" in (run / "report.html").read_text(encoding="utf-8")


def test_what_is_handed_on_names_no_folder_of_this_machine(
    diseases: Path, store: ModelStore, run: Path, tmp_path: Path
) -> None:
    assert fit(diseases, store, run, "--threshold", "0") == 0
    for path in store.folder("disease", 2).iterdir():
        data = path.read_bytes()
        assert str(tmp_path).encode() not in data, path.name
        assert str(diseases).encode() not in data, path.name
    assert "dermgate-train fit PHOTOS" in (store.folder("disease", 2) / "card.md").read_text(encoding="utf-8")


def test_a_suitability_model_takes_the_next_version_and_serves_only_when_told(
    store: ModelStore, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = draw_suitability(tmp_path / "photos", 8)
    assert fit(photos, store, run, *FEW, "--threshold", "0") == 0
    assert "dermgate models promote suitability/2" in capsys.readouterr().out
    assert store.versions("suitability") == [1, 2]
    assert store.serving("suitability") == 1
    manifest = load_model(store.folder("suitability", 2), threads=1).manifest
    assert manifest.labels == SUITABILITY_LABELS
    assert manifest.patches is not None
    assert manifest.architecture.hidden_layers >= 10
    decision = json.loads((run / "decision.json").read_text())
    assert decision["parity"]["largest_difference"] < 1e-4


def test_the_demonstration_command_ends_with_the_fault_of_its_first_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "labels.csv"
    places = [str(tmp_path), "--labels", str(absent), "--store", str(tmp_path), "--runs", str(tmp_path / "runs")]
    assert make_demonstration(places) == 1
    assert "labels.csv cannot be read" in capsys.readouterr().err
