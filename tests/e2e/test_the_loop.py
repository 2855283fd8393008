"""The loop, end to end: doctors' labels become training data, the gate decides, the new model serves, one goes back."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.manifest import read_manifest
from inference.store import ModelStore
from tests.e2e.the_loop import KNOWN, NEW, Clinic, Posting, clinic

pytestmark = pytest.mark.timeout(300)  # a fit of seconds, on cores that others share

_SWITCH_SECONDS = 20.0


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Clinic]:
    with clinic(tmp_path) as made:
        yield made


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SWITCH_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_what_doctors_said_of_a_new_disease_comes_to_serve_and_goes_back(
    opened: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ModelStore(opened.gateway.models)
    photos = opened.labelled(NEW, range(16))
    rules = ("--new", "14", "--epochs", "5", "--threshold", "0.5", "--promote")
    assert opened.watch("--new", "17", *rules[2:]) == 0
    assert "16 new labelled samples of 17" in capsys.readouterr().out
    assert store.versions("disease") == [1]
    with Posting(opened).going_on() as posting:
        assert opened.watch(*rules) == 0
        assert store.serving("disease") == 2
        _until(lambda: "disease/2" in posting.models, "the new model answers")
        ranking = opened.ranking_of(NEW, 900)
        assert (ranking["model"], {each["code"] for each in ranking["diseases"]}) == ("disease/2", {*KNOWN, NEW})
        assert sum(each["probability"] for each in ranking["diseases"]) == pytest.approx(1, abs=1e-5)
        back = opened.gateway.run("models", "rollback", "disease")
        assert "disease/1 serves again" in back.stdout
        posting.models.clear()
        _until(lambda: "disease/1" in posting.models, "the one before answers")
    assert posting.faults == []
    assert read_manifest(store.folder("disease", 2)).labels == (*sorted([*KNOWN, NEW]),)

    _until(lambda: len(opened.events("model.promoted")) == 2, "both switches are told")
    promoted, rolled_back = (event["data"] for event in opened.events("model.promoted"))
    assert (promoted["version"], promoted["how"]) == (2, "promoted")
    assert (rolled_back["version"], rolled_back["how"]) == (1, "rolled_back")
    (trained,) = opened.events("model.trained")
    assert (trained["hospital"], trained["data"]["version"], trained["data"]["serves"]) == ("*", 2, "active")
    assert trained["data"]["new_samples"] == len(photos)
    outcomes = opened.gateway.http.get("/api/v1/models/outcomes", headers=opened.doctor).json()["outcomes"]
    assert [one["outcome"]["came"] for one in outcomes] == ["trained"]

    assert opened.watch(*rules) == 0  # nothing is new any more
    assert store.versions("disease") == [1, 2]


def test_a_model_that_the_gate_refuses_changes_nothing_and_says_what_to_collect(opened: Clinic) -> None:
    store = ModelStore(opened.gateway.models)
    opened.labelled(KNOWN[0], range(100, 112), said=NEW)  # nobody could tell them apart
    rules = ("--new", "12", "--epochs", "1", "--threshold", "0.999", "--promote")
    half = opened.folder / "half"
    shutil.copytree(opened.folder / "base" / KNOWN[0], half / KNOWN[0])
    assert [opened.watch(*rules, "--base", str(half)) for _ in range(2)] == [1, 1]
    (halted,) = opened.events("model.refused")
    assert (halted["data"]["came"], halted["data"]["new_samples"]) == ("failed", 12)
    assert KNOWN[1] in halted["data"]["words"], "a disease that the next model would not know"

    assert opened.watch(*rules) == 1
    assert (store.versions("disease"), store.serving("disease")) == ([1], 1)
    assert opened.ranking_of(NEW, 900)["model"] == "disease/1"
    _, refused = opened.events("model.refused")
    assert refused["data"]["came"] == "refused"
    assert "accuracy" in refused["data"]["words"]
    assert refused["data"]["collect"][0]["why"]
    assert opened.events("model.promoted", "model.trained") == []
    assert opened.watch(*rules) == 0  # the same samples are not tried twice
    assert len(opened.events("model.refused")) == 2
    book = json.loads((opened.folder / "rounds" / "book.json").read_text())
    assert (book["round"], book["phase"], book["untold"]) == (1, "idle", [])
