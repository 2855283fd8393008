"""Two real processes over gloo fit what one fits."""

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import torch

from tests.integration.trainer.fit_small import recipe
from tests.integration.trainer.programs import start_team
from tests.unit.trainer.fitting.shared import Recorder, small_task
from trainer.fitting.loop import fit
from trainer.fitting.run_folder import RunFolder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run folder of a fit without batch norm and dropout."""
    return RunFolder(tmp_path_factory.mktemp("plain") / "run")


@pytest.fixture(scope="module")
def said(plain: RunFolder) -> list[str]:
    """What two processes under torchrun say, having fitted twice."""
    team = start_team(plain.path.parent / "other", 2, "--plain", str(plain.path))
    said, words = team.communicate(timeout=120)
    assert team.returncode == 0, words
    return said.splitlines()


def test_both_processes_end_with_the_same_weights_and_counts(said: list[str]) -> None:
    weights = [line for line in said if line.startswith("weights")]
    assert len(weights) == 2
    assert len(set(weights)) == 1


def test_only_the_first_process_reports(said: list[str]) -> None:
    assert said.count("epoch 1") == 1


def test_two_processes_fit_what_one_fits(said: list[str], plain: RunFolder) -> None:
    """Sums in another order differ in the last digits; nothing else may."""
    task = small_task(recipe(), norm=False, dropout=0.0)
    fit(task, Recorder())
    found = torch.load(plain.weights, weights_only=True)
    for name, tensor in task.network.state_dict().items():
        assert torch.allclose(found[name], tensor, atol=2e-5), name
