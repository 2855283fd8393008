"""`dermgate models`, called as `main` in this process on a store in a folder."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from gateway.serving.agreement import Pair, Tally
from gateway.serving.tallies import add_tallies
from inference.manifest import Metric
from inference.store import ModelStore
from tests.models import make_manifest, overwrite, write_model

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """Versions 1 to 3 of disease, 1 serving; suitability/1 serves."""
    store = ModelStore(tmp_path / "models")
    accuracy = {"accuracy": Metric(value=0.87, low=0.84, high=0.9, n=400)}
    for version in (1, 2, 3):
        manifest = make_manifest("disease", version=version, metrics=accuracy if version == 1 else {})
        store.add(write_model(tmp_path / f"disease-{version}", manifest))
    store.add(write_model(tmp_path / "suitability-1", make_manifest("suitability")))
    store.promote("disease", 1)
    store.promote("suitability", 1)
    return store


@pytest.fixture
def run(store: ModelStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    folder = store.root.parent
    settings = f'[archive]\ndatabase = "sqlite:///{folder}/dermgate.db"\n[models]\nstore = "{store.root}"\n'
    (folder / "dermgate.toml").write_text(settings)
    monkeypatch.setenv("COLUMNS", "300")

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(["models", *arguments, "--config", str(folder / "dermgate.toml")])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_it


def test_in_a_pipe_no_name_is_broken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    listed = run("list")[1]
    assert all(f" {name} " in listed for name in ("disease/1", "disease/3", "suitability/1"))
    assert len(listed.splitlines()) == 8, "a line for each of four models, and the frame"


def states(run: Run) -> dict[str, str]:
    listed = [json.loads(line) for line in run("list", "--json")[1].splitlines()]
    return {f"{each['task']}/{each['version']}": each["state"] for each in listed}


def test_what_cannot_be_done_is_told_and_changes_nothing(run: Run, store: ModelStore) -> None:
    overwrite(store.folder("disease", 3) / "model.onnx", b"other")
    for words, told in (
        (("promote", "disease/3"), "SHA-256"),
        (("promote", "disease/9"), "not in the store"),
        (("shadow", "disease/1"), "serves already"),
        (("shadow", "disease/3"), "SHA-256"),
        (("retire", "disease/1"), "roll back first"),
        (("rollback", "disease"), "served before"),
    ):
        code, _, error = run(*words)
        assert (code, told in error, "Traceback" in error) == (2, True, False), words
    expected = {"disease/1": "active", "disease/2": "candidate", "disease/3": "refused", "suitability/1": "active"}
    assert states(run) == expected


def test_the_states_that_commands_make(run: Run) -> None:
    assert run("shadow", "disease", "2")[0] == 0
    assert states(run)["disease/2"] == "shadow"
    assert run("promote", "disease/2")[0] == 0
    assert (states(run)["disease/1"], states(run)["disease/2"]) == ("retired", "active")
    assert run("rollback", "disease")[0] == 0
    assert (states(run)["disease/1"], states(run)["disease/2"]) == ("active", "retired")
    assert run("promote", "disease/2")[0] == 2
    assert run("promote", "disease/2", "--again")[0] == 0
    assert run("retire", "disease/3")[0] == 0
    assert states(run)["disease/3"] == "retired"
    assert run("shadow", "disease/1")[0] == 0
    assert "1 did" in run("unshadow", "disease")[1]
    assert states(run)["disease/1"] == "retired"


def test_the_list_shows_accuracy_with_its_interval_size_precision_and_kind(run: Run) -> None:
    listed = run("list")[1]
    line = next(line for line in listed.splitlines() if "disease/1" in line)
    for word in ("active", "0.870 (0.840 to 0.900)", "2026-01-02", "10/500", "float32", "yes"):
        assert word in line
    assert "not measured" in listed


def test_a_version_is_shown_with_its_state_history_and_agreement(run: Run, store: ModelStore) -> None:
    run("shadow", "disease/2")
    assert json.loads(run("show", "disease/2")[1])["shadow"] == []
    with closing(Database(f"sqlite:///{store.root.parent}/dermgate.db")) as database:
        upgrade(database)
        with database.write() as unit_of_work:
            tally = Tally(judged=4, agreed=3, difference_sum=0.4)
            add_tallies(unit_of_work, {Pair("disease", 1, 2): tally, Pair("disease", 2, 3): tally})
    shown = json.loads(run("show", "disease/2")[1])
    assert (shown["version"], shown["state"], shown["reason"]) == (2, "shadow", None)
    assert [change["what"] for change in shown["history"]] == ["shadowed"]
    (agreement,) = shown["shadow"]
    assert (agreement["active"], agreement["judged"], agreement["agreed"]) == (1, 4, 3)
    assert agreement["mean_difference"] == pytest.approx(0.1)


def test_every_version_is_timed_by_threads(run: Run, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.commands.measuring._SECONDS", 0.01)
    overwrite(store.folder("disease", 3) / "model.onnx", b"other")
    measured = [json.loads(line) for line in run("measure", "--json")[1].splitlines()]
    assert [(each["task"], each["version"]) for each in measured] == [
        ("suitability", 1),
        ("disease", 1),
        ("disease", 2),
    ]
    assert all(each["medians_ms"]["1"] > 0 and each["threads"] >= 1 for each in measured)
    assert "float32" in run("measure")[1]
