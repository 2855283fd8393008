"""Two processes under torchrun fit one model, and one of them hands it over."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.runtime import load_model
from inference.store import ModelStore
from tests.integration.trainer.commands import start_team
from tests.integration.trainer.drawn import SMALL, draw_diseases


def test_two_processes_end_with_one_model_and_one_run_folder(tmp_path: Path) -> None:
    draw_diseases(tmp_path / "photos", 10)
    team = start_team(["fit", "photos", "--store", "store", *SMALL, "--threshold", "0"], tmp_path, 2)
    said, fault = team.communicate(timeout=150)
    assert team.returncode == 0, fault
    assert said.count("passes the gate") == 1
    store = ModelStore(tmp_path / "store")
    assert store.versions("disease") == [1]
    assert load_model(store.folder("disease", 1), threads=1).manifest.labels == ("nevus", "sunburn")
    (run,) = (one for one in (tmp_path / "runs").iterdir() if one.is_dir())
    assert {"arguments.json", "curves.png", "decision.md", "report.html", "model"} <= {
        one.name for one in run.iterdir()
    }
