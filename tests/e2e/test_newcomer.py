"""A newcomer trains on photos of their own with the README's command, and the gateway beside it uses the model."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from tests.e2e.gateway_process import GatewayProcess
from tests.integration.trainer.drawn import draw_diseases

ROOT = Path(__file__).resolve().parents[2]
SECTION = "## Train on your own photos"
SMALL = ("--image-size", "64", "--batch-size", "8")
"""What keeps a test short; the rest is the README's."""

Wait = Callable[..., None]

_LONGEST_SECONDS = 240
pytestmark = pytest.mark.timeout(300)


def readme_command() -> list[str]:
    """The words of the first command in the section."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition(SECTION)[2].partition("\n## ")[0]
    command = re.search(r"^dermgate-train fit .+$", section, re.MULTILINE)
    assert command, "the README names the command"
    return shlex.split(command[0])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that everything is started in, with sixty photos of two diseases."""
    folder = tmp_path_factory.mktemp("newcomer")
    draw_diseases(folder / "my-photos", 30)
    return folder


@pytest.fixture(scope="module")
def gateway(home: Path) -> Iterator[GatewayProcess]:
    """A running gateway whose models lie where both programs look by default."""
    with GatewayProcess(home, models=home / "var" / "models") as running:
        yield running


def train(home: Path, *small: str) -> subprocess.CompletedProcess[str]:
    """Run the README's command."""
    program, *words = readme_command()
    command = [str(Path(sys.executable).with_name(program)), *words, *SMALL, *small]
    environment = os.environ | {"COLUMNS": "80", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
    )


def latest_run(home: Path) -> Path:
    return max((home / "runs").iterdir(), key=lambda run: run.stat().st_mtime)


def serving(gateway: GatewayProcess) -> dict[str, Any]:
    """What serves, by task, as the gateway says."""
    models = gateway.http.get("/api/v1/models").raise_for_status().json()["models"]
    return {model["task"]: model for model in models if model["serving"]}


def test_a_model_that_is_not_good_enough_is_refused_and_the_old_one_serves_on(
    home: Path, gateway: GatewayProcess
) -> None:
    done = train(home, "--epochs", "1", "--learning-rate", "1e-9", "--threshold", "0.99")
    assert done.returncode == 1, done.stdout
    assert "does not pass the gate" in done.stderr
    assert "What to collect" in done.stdout
    assert {"decision.md", "report.html", "curves.png"} <= {one.name for one in latest_run(home).iterdir()}
    assert [one.name for one in (home / "var/models/disease").iterdir() if one.name.isdecimal()] == ["1"]
    posted = (home / "my-photos/sunburn/0.jpg").read_bytes()
    assert gateway.accepted(posted)["ranking"]["model"] == "disease/1"


def test_a_model_that_is_good_enough_serves_in_the_running_gateway(
    home: Path, gateway: GatewayProcess, wait_for: Wait
) -> None:
    done = train(home, "--epochs", "12")
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("60 photos: ", "hidden layers", "epoch stage seconds ms/step", "passes the gate", "disease/2 serves"):
        assert told in done.stdout
    run = latest_run(home)
    assert (run / "curves.svg").stat().st_size > 1000
    assert "<svg" in (run / "report.html").read_text(encoding="utf-8")
    wait_for(lambda: serving(gateway)["disease"]["version"] == 2, "the gateway switches")
    posted = (home / "my-photos/sunburn/1.jpg").read_bytes()
    ranking = gateway.accepted(posted)["ranking"]
    assert ranking["model"] == "disease/2"
    assert ranking["diseases"][0]["code"] == "sunburn"
