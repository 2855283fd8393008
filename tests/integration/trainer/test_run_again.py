"""The same seed, photos and machine give the same model, also where the run was killed on its way."""

import re
import signal
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.store import ModelStore
from tests.integration.trainer.commands import start_training
from tests.integration.trainer.drawn import FEW, SMALL, draw_diseases, draw_suitability
from trainer.cli import main

EPOCHS = ("--epochs", "40")  # so many that there is time to kill it

pytestmark = pytest.mark.timeout(400)  # whole fits and exports, several of them


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photos of two diseases, and with what runs leave."""
    folder = tmp_path_factory.mktemp("again")
    draw_diseases(folder / "photos", 10)
    return folder


@pytest.fixture(scope="module")
def undisturbed(home: Path) -> str:
    """SHA-256 of the model of the run that nobody disturbs."""
    assert main(words(home, "first")) == 0
    return model_of(home, "first")


def words(home: Path, name: str, *more: str) -> list[str]:
    places = ["--store", str(home / name / "store"), "--run", str(home / name / "run")]
    return ["fit", str(home / "photos"), *places, *SMALL, *EPOCHS, "--threshold", "0", *more]


def model_of(home: Path, name: str) -> str:
    return ModelStore(home / name / "store").verify("disease", 1).model_sha256


def test_the_same_seed_gives_the_same_model(home: Path, undisturbed: str) -> None:
    assert main(words(home, "second")) == 0
    assert model_of(home, "second") == undisturbed


def test_the_same_seed_gives_the_same_suitability_model(tmp_path: Path) -> None:
    """However many processes make the examples, and whether they were made before."""
    draw_suitability(tmp_path / "photos", 8)
    task = ("--task", "suitability", "--threshold", "0", *SMALL, *FEW)
    hashes = set()
    for name, more in (("alone", ()), ("two", ("--workers", "2", "--cache", str(tmp_path / "cache")))):
        places = ("--store", str(tmp_path / name / "store"), "--run", str(tmp_path / name / "run"))
        assert main(["fit", str(tmp_path / "photos"), *places, *task, *more]) == 0
        hashes.add(ModelStore(tmp_path / name / "store").verify("suitability", 1).model_sha256)
    assert len(hashes) == 1


def test_another_seed_gives_another_model(home: Path, undisturbed: str) -> None:
    assert main(words(home, "other", "--seed", "1", "--epochs", "2")) == 0
    assert model_of(home, "other") != undisturbed


def test_a_run_that_was_killed_and_resumed_gives_the_same_model(home: Path, undisturbed: str) -> None:
    program = start_training(words(home, "killed"), home)
    assert program.stdout is not None
    fifth_epoch = next((line for line in program.stdout if re.match(r" +5[* ] ", line)), None)
    assert fifth_epoch, program.communicate()[1]
    program.kill()
    program.communicate()
    assert program.returncode == -signal.SIGKILL
    assert not (home / "killed" / "store").exists()
    resumed = start_training(["fit", "--resume", str(home / "killed" / "run")], home)
    said, fault = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, fault
    assert re.search(r"goes on after epoch [1-9]", said), said
    assert model_of(home, "killed") == undisturbed


def test_a_resumed_run_takes_no_other_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "--resume", str(home / "first" / "run"), "--seed", "2"]) == 1
    assert "goes on as it was asked" in capsys.readouterr().err


@pytest.mark.parametrize("kept", [None, "{", '{"fit": 1}', "[1, 2]"])
def test_a_folder_without_a_run_is_not_gone_on_with(
    tmp_path: Path, kept: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if kept is not None:
        (tmp_path / "arguments.json").write_text(kept)
    assert main(["fit", "--resume", str(tmp_path)]) == 1
    assert "arguments.json" in capsys.readouterr().err
