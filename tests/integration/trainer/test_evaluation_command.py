"""The command tries served models on labelled photos, tells the truth about them, and writes what it is asked for."""

import argparse
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from inference.bundling import BUNDLED, install_bundled
from inference.errors import InferenceError
from inference.manifest import ContextVocabulary, UnknownRule, read_manifest, write_manifest, write_photo_hashes
from inference.rules import SUITABILITY_LABELS
from inference.store import ModelStore
from tests.models import build_model, make_manifest, write_model
from trainer.errors import BadData
from trainer.evaluation.command import LEDGER_NAME, add_arguments, run
from trainer.evaluation.numbers.sweeps import GRIDS
from trainer.synthetic.album import synthetic_photo

SUITABILITY, DISEASE = (f"{task}/{ModelStore(BUNDLED).versions(task)[-1]}" for task in ("suitability", "disease"))
HEADER = "file,suitability,diagnosis,patient_id,sex,age,body_site,fitzpatrick"
ROWS = (
    ("good.jpg", "usable", "presumed_usable,NEV,p1,F,44,back,2"),
    ("better.jpg", "usable", "usable,MEL,p2,M,70,,"),
    ("dark.jpg", "underexposed", "underexposed,,p2,M,70,,"),
    ("page.jpg", "not_skin", "not_skin,,,,,,"),
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos and a store that serves the bundled models; read only."""
    folder = tmp_path_factory.mktemp("photos")
    install_bundled(ModelStore(folder / "store"))
    for seed, (name, kind, _) in enumerate(ROWS):
        synthetic_photo(kind, 5 + seed, (300, 240)).save(folder / name, "JPEG", quality=92)
    lines = "\n".join(f"{name},{rest}" for name, _, rest in ROWS)
    (folder / "labels.csv").write_text(f"{HEADER}\n{lines}\n", encoding="utf-8")
    return folder


def evaluate(folder: Path, *more: str, labels: Path | None = None) -> str:
    """Run the command; what it shows, on one line."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    places = ("--store", folder / "store", "--photos", folder, "--labels", labels or folder / "labels.csv")
    shown = io.StringIO()
    run(parser.parse_args([*map(str, places), *more]), Console(file=shown, width=200))
    return " ".join(shown.getvalue().split())


@pytest.mark.parametrize(
    ("row", "complaint"),
    [("gone.jpg,usable,", "line 3: gone.jpg"), ("good.jpg,lovely,", "line 3: suitability")],
)
def test_a_label_that_cannot_be_used_is_named(drawn: Path, tmp_path: Path, row: str, complaint: str) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text(f"file,suitability,diagnosis\ngood.jpg,usable,\n{row}\n", encoding="utf-8")
    with pytest.raises(BadData, match=complaint):
        evaluate(drawn, labels=labels)


def test_a_version_that_is_not_there_is_refused(drawn: Path, tmp_path: Path) -> None:
    with pytest.raises(InferenceError):
        evaluate(drawn, "--model", "disease/9")
    for words in ("disease", "disease/0", "mood/1", "disease/1/2"):
        with pytest.raises(SystemExit):
            evaluate(drawn, "--model", words)


def test_photos_without_a_label_that_the_model_knows_are_refused(drawn: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("file,suitability,diagnosis\npage.jpg,not_skin,\n", encoding="utf-8")
    with pytest.raises(BadData, match="none of the photos"):
        evaluate(drawn, "--task", "disease", labels=labels)


def test_a_report_that_cannot_be_written_is_told(drawn: Path, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="cannot be written"):
        evaluate(drawn, "--task", "disease", "--json", str(tmp_path / "gone" / "out.json"))


def test_a_run_folder_without_curves_is_refused(drawn: Path, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no run folder"):
        evaluate(drawn, "--task", "disease", "--report", str(tmp_path / "r.html"), "--run", str(tmp_path))


def test_the_tables_cover_the_photos_as_they_are_and_spoilt(drawn: Path) -> None:
    shown = evaluate(drawn, "--family", "a")
    assert f"{SUITABILITY} on photos as they are: 4 photos of 3 patients" in shown
    assert f"{SUITABILITY} on usable photos spoilt by family a at severity 0.8: 18 photos of 2 patients" in shown
    assert f"{DISEASE} from the picture alone: 2 photos of 2 patients" in shown
    assert f"{DISEASE} with sex, age and body site where known" in shown
    assert "value (95 % interval over patients)" in shown
    assert "No photo of Fitzpatrick type V or VI (skin type known for 1 of 4 photos)" in shown
    assert "ms (95th percentile" in shown


def test_a_store_with_one_task_is_enough(drawn: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    models = ModelStore(store)
    models.add(drawn / "store" / DISEASE)
    with pytest.raises(InferenceError, match="serves"):
        evaluate(drawn, "--store", str(store))
    models.promote("disease", int(DISEASE.partition("/")[2]))
    shown = evaluate(drawn, "--store", str(store))
    assert f"{DISEASE} from the picture alone" in shown
    assert "unknown auc" in shown, "the page of text is none of its diseases"
    assert "suitability" not in shown


def test_every_look_at_the_same_photos_is_counted(drawn: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "deep" / "looks.jsonl"
    few = ("--task", "disease", "--ledger", str(ledger))
    assert "looked at 1 times" in evaluate(drawn, *few)
    assert "looked at 2 times" in evaluate(drawn, *few)
    other = tmp_path / "labels.csv"
    other.write_text("file,suitability,diagnosis\ngood.jpg,usable,NEV\n", encoding="utf-8")
    assert "looked at 1 times" in evaluate(drawn, *few, labels=other)
    ledger.write_text(ledger.read_text(encoding="utf-8") + "[]\ntorn {", encoding="utf-8")
    assert "looked at 3 times" in evaluate(drawn, *few)
    evaluate(drawn, "--task", "disease")
    assert (drawn / "store" / LEDGER_NAME).is_file(), "beside the models, unless told otherwise"


def test_report_and_json_say_the_same(drawn: Path, tmp_path: Path) -> None:
    report, data = tmp_path / "report.html", tmp_path / "out.json"
    (tmp_path / "curves.png").write_bytes(b"a picture")
    wanted = ("--report", str(report), "--json", str(data), "--thumbnails", "--run", str(tmp_path))
    evaluate(drawn, "--as-they-are", *wanted)
    found: dict[str, Any] = json.loads(data.read_text(encoding="utf-8"))
    titles = [one["title"] for one in found["findings"]]
    assert titles[0] == f"{SUITABILITY} on photos as they are"
    text = report.read_text(encoding="utf-8")
    assert all(title in text for title in titles)
    assert "data:image/png;base64,YSBwaWN0dXJl" in text, "the curves of the fit"
    suitability = found["findings"][0]
    assert suitability["table"]["labels"] == list(SUITABILITY_LABELS)
    assert f"<strong>{suitability['numbers']['accuracy']['value']:.3f}</strong>" in text
    assert suitability["numbers"]["caught_at_5_percent_underexposed"]["n"] == 1
    assert suitability["latency"]["machine"]["cores"] >= 1
    assert str(tmp_path) not in text + data.read_text(encoding="utf-8")


def test_photos_that_the_model_has_learnt_from_are_left_out(drawn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    source, version = drawn / "store" / DISEASE, int(DISEASE.partition("/")[2]) + 1
    for name in ("model.onnx", "card.md"):
        (folder / name).write_bytes((source / name).read_bytes())
    digest = hashlib.sha256((drawn / "good.jpg").read_bytes()).hexdigest()
    manifest = read_manifest(source)
    data = manifest.data.model_copy(update={"photos": 1})
    write_manifest(manifest.model_copy(update={"version": version, "data": data}), folder)
    write_photo_hashes({digest}, folder)
    ModelStore(drawn / "store").add(folder)
    shown = evaluate(drawn, "--model", f"disease/{version}")
    assert f"1 photos are left out: disease/{version} was trained on them" in shown
    assert f"disease/{version} from the picture alone: 1 photos of 1 patients" in shown


@pytest.fixture
def unlike(tmp_path: Path) -> Path:
    """A store whose disease model is sure of a nevus, and finds every picture as unlike as 0.8, more than it likes."""
    manifest = make_manifest(
        "disease",
        labels=("melanoma", "nevus"),
        malignant=("melanoma",),
        context=ContextVocabulary(sex=("F", "M"), age_bands=(), body_sites=()),
        unknown=UnknownRule(rule="unlikeness", threshold=0.7),
    )
    model = build_model(manifest, probabilities={"melanoma": 0.05, "nevus": 0.95}, unlikeness=0.8)
    store = ModelStore(tmp_path / "unlike")
    store.add(write_model(tmp_path / "made", manifest, model))
    store.promote("disease", 1)
    return store.root


@pytest.mark.parametrize(
    ("options", "referred"),
    [
        ((), 1.0),
        (("--unknown-threshold", "0.9"), 0.0),
        (("--unknown-threshold", "0.9", "--disease-threshold", "0.96"), 1.0),
        (("--unknown-threshold", "0.9", "--refer-malignant", "0.05"), 1.0),
    ],
)
def test_who_goes_to_a_doctor_follows_the_settings_of_a_gateway(
    drawn: Path, unlike: Path, tmp_path: Path, options: tuple[str, ...], referred: float
) -> None:
    labels, data = tmp_path / "labels.csv", tmp_path / "out.json"
    rows = ("good.jpg,usable,NEV,p1,F", "better.jpg,usable,MEL,p2,", "dark.jpg,usable,BCC,p3,", "page.jpg,not_skin,,,")
    text = "\n".join(["file,suitability,diagnosis,patient_id,sex", *rows, ""])
    labels.write_text(text, encoding="utf-8")
    evaluate(drawn, "--store", str(unlike), "--task", "disease", "--json", str(data), *options, labels=labels)
    found = json.loads(data.read_text(encoding="utf-8"))
    alone, told = (one["referrals"] for one in found["findings"])
    assert alone["outcome"]["referred"]["value"] == told["outcome"]["referred"]["value"] == referred
    assert [one["kind"] for one in alone["strangers"]] == ["not_skin", "other_disease"]
    assert [one["referred"]["value"] for one in alone["strangers"]] == [referred, referred]
    assert [one["by_unlikeness"]["value"] for one in alone["strangers"]] == [0.5, 0.5], "all are alike unlike"
    assert alone["outcome"]["missed"]["value"] == 1 - referred
    assert [one["setting"] for one in alone["sweeps"]] == list(GRIDS)
    (comparison,) = found["comparisons"]
    assert comparison["known"] == {"sex": 1, "age_band": 0, "body_site": 0}
    assert {row["gain"]["value"] for row in comparison["rows"]} == {0.0}


def test_neither_torch_nor_matplotlib_is_needed_for_the_tables() -> None:
    script = (
        "import sys\nfor name in ('torch', 'matplotlib', 'transformers'): sys.modules[name] = None\n"
        "import trainer.evaluation.command, trainer.evaluation.card, trainer.evaluation.findings\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
