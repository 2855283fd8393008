"""Killed midway and resumed: the same weights; and what may not be resumed."""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from tests.integration.trainer.fit_small import recipe
from tests.integration.trainer.programs import start_fit
from tests.unit.trainer.fitting.shared import Colours, Recorder, recipe_of, small_network, small_task, state_bytes
from trainer.fitting.errors import CannotResume, Interrupted
from trainer.fitting.examples import Batch
from trainer.fitting.loop import fit
from trainer.fitting.recipe import Stage
from trainer.fitting.run_folder import RunFolder
from trainer.fitting.task import FittingTask
from trainer.networks.backbone import Origin


@pytest.fixture(scope="module")
def undisturbed() -> str:
    """SHA-256 of the weights of the run that nobody disturbs."""
    task = small_task(recipe())
    fit(task, Recorder())
    return hashlib.sha256(state_bytes(task.network)).hexdigest()


@pytest.fixture
def stopped(tmp_path: Path) -> RunFolder:
    """A run that was stopped in its second epoch."""
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(Interrupted):
        fit(small_task(recipe()), Stopper(7), folder)
    return folder


class Stopper(Recorder):
    """Presses Ctrl-C at a step."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        super().step(step, loss, accuracy, milliseconds)
        if self.steps == self._at:
            os.kill(os.getpid(), signal.SIGINT)


class Slow(Recorder):
    """Takes its time over each step, and may be told to stop while the tune side is judged."""

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        super().step(step, loss, accuracy, milliseconds)
        time.sleep(0.5)


def test_a_first_epoch_that_takes_longer_than_the_budget_is_cut_and_still_gives_a_model() -> None:
    """The budget is kept within an epoch too: a machine that is busy elsewhere is slower than was measured."""
    recorder = Slow()
    task = small_task(recipe_of(Stage("all", 1, 1e-3), budget_seconds=1.0), count=400)
    started = time.monotonic()
    (epoch,) = fit(task, recorder)
    assert 1 <= recorder.steps < 25, "of fifty"
    assert time.monotonic() - started < 25
    assert epoch.number == 1
    assert any("the budget was used up in epoch 1" in words for words in recorder.words)


class StopsWhileJudged(Colours):
    """A tune side that is told to stop as its first batch is asked for in an epoch."""

    def __init__(self, count: int, seed: int) -> None:
        super().__init__(count, seed)
        self.asked = self.given = 0

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        self.asked += 1
        for batch in super().in_order(batch_size):
            if self.asked > 1:  # the first time layers are counted
                os.kill(os.getpid(), signal.SIGTERM)
                self.given += 1
            yield batch


def test_sigterm_acts_while_the_tune_side_is_judged() -> None:
    tune = StopsWhileJudged(64, 2)
    task = replace(small_task(recipe_of(Stage("all", 1, 1e-3))), tune=tune)
    with pytest.raises(Interrupted):
        fit(task, Recorder())
    assert tune.given == 1, "of eight batches"


class StopsWhenJudged(Colours):
    """A tune side that is told to stop when all of the only epoch is judged."""

    def __init__(self, count: int, seed: int) -> None:
        super().__init__(count, seed)
        self.asked = 0

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        self.asked += 1
        yield from super().in_order(batch_size)
        if self.asked > 1:
            os.kill(os.getpid(), signal.SIGTERM)


def test_sigterm_after_the_last_epoch_keeps_the_run_from_being_handed_over() -> None:
    task = replace(small_task(recipe_of(Stage("all", 1, 1e-3))), tune=StopsWhenJudged(64, 2))
    with pytest.raises(Interrupted):
        fit(task, Recorder())


def wait_for(program: subprocess.Popen[str], line: str) -> None:
    assert program.stdout is not None
    for said in program.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"it ended without saying {line!r}")


@pytest.mark.parametrize("epoch", [1, 4])
def test_a_killed_run_resumed_ends_with_the_same_weights(tmp_path: Path, undisturbed: str, epoch: int) -> None:
    program = start_fit(tmp_path / "run", "--step-seconds", "0.05")
    wait_for(program, f"epoch {epoch}")
    program.kill()
    program.communicate()
    assert program.returncode == -signal.SIGKILL
    said, _ = start_fit(tmp_path / "run", "--resume").communicate(timeout=60)
    assert epoch == 1 or "epoch 1\n" not in said, "what was finished is not fitted again"
    assert said.splitlines()[-1] == f"weights {undisturbed}"


def test_sigterm_ends_the_run_cleanly_and_says_how_to_go_on(tmp_path: Path) -> None:
    program = start_fit(tmp_path / "run", "--step-seconds", "0.05")
    wait_for(program, "epoch 1")
    program.terminate()
    _, words = program.communicate(timeout=60)
    assert program.returncode == 1
    assert f"go on with --resume {tmp_path / 'run'}" in words


def test_ctrl_c_keeps_the_last_whole_epoch_and_resuming_gives_the_same(stopped: RunFolder, undisturbed: str) -> None:
    task, recorder = small_task(recipe()), Recorder()
    epochs = fit(task, recorder, stopped, resume=True)
    assert recorder.epochs[0].number == 2
    assert [epoch.number for epoch in epochs] == list(range(1, 1 + len(epochs)))
    assert hashlib.sha256(state_bytes(task.network)).hexdigest() == undisturbed


def test_the_signal_handlers_are_given_back(stopped: RunFolder) -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_finished_run_resumed_gives_its_weights_again(tmp_path: Path, undisturbed: str) -> None:
    folder = RunFolder(tmp_path / "run")
    fit(small_task(recipe()), Recorder(), folder)
    task, recorder = small_task(recipe()), Recorder()
    fit(task, recorder, folder, resume=True)
    assert not recorder.epochs
    assert hashlib.sha256(state_bytes(task.network)).hexdigest() == undisturbed


def refused(task: FittingTask, folder: RunFolder | None) -> str:
    with pytest.raises(CannotResume) as refusal:
        fit(task, Recorder(), folder, resume=True)
    return str(refusal.value)


def test_another_recipe_data_or_backbone_is_refused(stopped: RunFolder) -> None:
    task = small_task(recipe())
    assert "another recipe" in refused(replace(task, recipe=replace(recipe(), seed=5)), stopped)
    assert "another set of photos" in refused(replace(task, fingerprint="others"), stopped)
    task.network.backbone.origin = Origin("other", pretrained=True)
    assert "another backbone" in refused(task, stopped)


def test_another_network_is_refused(stopped: RunFolder) -> None:
    task = replace(small_task(recipe()), network=small_network(0, norm=False))
    assert "another network" in refused(task, stopped)


@pytest.mark.parametrize("content", [b"", b"damaged", None])
def test_a_damaged_or_absent_checkpoint_is_refused(stopped: RunFolder, content: bytes | None) -> None:
    if content is None:
        stopped.checkpoint.unlink()
    else:
        stopped.checkpoint.write_bytes(content)
    assert "checkpoint.pt" in refused(small_task(recipe()), stopped)


def test_half_a_checkpoint_is_refused(stopped: RunFolder) -> None:
    whole = stopped.checkpoint.read_bytes()
    stopped.checkpoint.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in refused(small_task(recipe()), stopped)


def test_without_a_run_folder_there_is_nothing_to_resume() -> None:
    assert "without a run folder" in refused(small_task(recipe()), None)


def test_a_folder_that_holds_a_run_is_not_overwritten(stopped: RunFolder) -> None:
    kept = stopped.checkpoint.read_bytes()
    with pytest.raises(CannotResume, match="holds a run already"):
        fit(small_task(recipe()), Recorder(), stopped)
    assert stopped.checkpoint.read_bytes() == kept
