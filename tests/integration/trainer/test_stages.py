"""The loop on a small network: what learns, what is kept, when it ends, what it leaves behind."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tests.unit.trainer.fitting.shared import Colours, Recorder, recipe_of, small_network, small_task, state_bytes
from trainer.fitting.errors import Diverged
from trainer.fitting.loop import fit
from trainer.fitting.predict import predict
from trainer.fitting.recipe import Recipe, Stage
from trainer.fitting.run_folder import RunFolder
from trainer.fitting.task import FittingTask
from trainer.networks.backbone import Backbone, Origin
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.errors import TooSmall

ALL = Stage("all", 3, 3e-3)
HEAD, TAIL = Stage("head", 3, 1e-2), Stage("tail", 2, 3e-3, blocks=3)


def fitted(recipe: Recipe) -> tuple[bytes, Recorder]:
    task, recorder = small_task(recipe), Recorder()
    fit(task, recorder)
    return state_bytes(task.network), recorder


def test_a_network_too_small_to_serve_is_not_fitted() -> None:
    network = DiseaseNetwork(Backbone(Origin("one", pretrained=False), [nn.Conv2d(3, 8, 1)], 8), 2, 5)
    before = state_bytes(network)
    with pytest.raises(TooSmall):
        fit(FittingTask(network, Colours(8, 1), Colours(8, 2), recipe_of(ALL)), Recorder())
    assert state_bytes(network) == before


def test_a_loss_that_is_no_number_ends_the_fit() -> None:
    task = small_task(recipe_of(ALL))
    task.network.load_state_dict({name: one * float("nan") for name, one in task.network.state_dict().items()})
    with pytest.raises(Diverged, match="smaller learning rate"):
        fit(task, Recorder())


def test_a_loss_on_the_tune_side_that_is_no_number_ends_the_fit() -> None:
    task = small_task(recipe_of(ALL))
    broken = Colours(16, 2)
    broken._images[:] = float("inf")
    with pytest.raises(Diverged, match="tune side"):
        fit(replace(task, tune=broken), Recorder())


def test_the_loop_learns_and_reports_each_epoch() -> None:
    task, recorder = small_task(recipe_of(replace(ALL, epochs=8))), Recorder()
    epochs = fit(task, recorder)
    assert [epoch.number for epoch in epochs] == list(range(1, 9))
    assert recorder.epochs == list(epochs)
    assert recorder.steps == 8 * 5
    assert recorder.closed
    assert epochs[-1].loss < epochs[0].loss
    assert all(epoch.step_milliseconds > 0 for epoch in epochs)
    assert "hidden layers" in recorder.words[0]
    assert not task.network.training


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    recipe = recipe_of(ALL, average_epochs=0.5, rarity=0.5)
    assert fitted(recipe)[0] == fitted(recipe)[0]
    assert fitted(recipe)[0] != fitted(replace(recipe, seed=1))[0]


@pytest.mark.parametrize("part", [HEAD, replace(TAIL, epochs=3)])
def test_kept_features_give_the_same_weights_as_computed_ones(part: Stage) -> None:
    """As many drawn passes as epochs: bit for bit."""
    computed, recorder = fitted(recipe_of(part))
    kept, kept_recorder = fitted(recipe_of(replace(part, variants=3)))
    assert computed == kept
    assert recorder.steps == kept_recorder.steps
    assert any("keeps the frozen part's output of 3 drawn passes" in words for words in kept_recorder.words)


def test_fewer_passes_than_epochs_are_mixed_anew() -> None:
    few, _ = fitted(recipe_of(replace(HEAD, variants=1)))
    many, _ = fitted(recipe_of(replace(HEAD, variants=3)))
    assert few != many


@pytest.mark.parametrize(
    ("bound", "words"), [(20_000, "as 16-bit numbers"), (100, "more than allowed; the frozen part is computed")]
)
def test_what_memory_does_not_allow_is_halved_or_computed(bound: int, words: str) -> None:
    _, recorder = fitted(recipe_of(replace(HEAD, variants=3), cache_bytes=bound))
    assert any(words in said for said in recorder.words)
    assert len(recorder.epochs) == 3


def test_what_is_frozen_stays_as_it_was_to_the_last_count() -> None:
    task = small_task(recipe_of(HEAD, TAIL, keep_best=False))
    before = state_bytes(task.network.backbone.stages[:7])
    tail, head = state_bytes(task.network.backbone.stages[7:]), state_bytes(task.network.head)  # type: ignore[arg-type]
    fit(task, Recorder())
    assert state_bytes(task.network.backbone.stages[:7]) == before
    assert state_bytes(task.network.backbone.stages[7:]) != tail
    assert state_bytes(task.network.head) != head  # type: ignore[arg-type]  # a module like any other
    assert all(weights.requires_grad for weights in task.network.parameters()), "nothing stays frozen afterwards"


def test_the_best_epoch_is_kept_and_patience_ends_a_stage() -> None:
    recipe = recipe_of(Stage("all", 30, 0.05), patience=2, schedule="constant")
    task, recorder = small_task(recipe), Recorder()
    epochs = fit(task, recorder)
    logits = predict(task.network, task.tune.in_order(8))
    best = min(epoch.tune_loss for epoch in epochs)
    assert float(cross_entropy(logits, task.tune.targets)) == pytest.approx(best, abs=1e-6)
    assert [epoch.tune_loss for epoch in epochs if epoch.best][-1] == best
    assert len(epochs) < 30
    assert not any(epoch.best for epoch in epochs[-2:])


def test_averaged_weights_are_what_is_kept() -> None:
    plain, _ = fitted(recipe_of(ALL, keep_best=False))
    averaged, _ = fitted(recipe_of(ALL, keep_best=False, average_epochs=1.0))
    assert plain != averaged


def test_a_budget_shortens_the_stages_and_says_so() -> None:
    recipe = recipe_of(replace(HEAD, epochs=9999), replace(ALL, epochs=9999), budget_seconds=5)
    task, recorder = small_task(recipe), Recorder()
    epochs = fit(task, recorder)
    assert {epoch.stage for epoch in epochs} == {"head", "all"}
    assert len([words for words in recorder.words if "of 9999 epochs" in words]) == 2
    assert sum(epoch.seconds for epoch in epochs) < 10


def test_a_budget_also_bounds_what_is_kept() -> None:
    recipe = recipe_of(replace(HEAD, variants=3), budget_seconds=1e-6)
    _, recorder = fitted(recipe)
    assert any("keeps the frozen part's output of 1 drawn passes" in words for words in recorder.words)


def test_a_budget_too_small_for_anything_still_fits_one_epoch() -> None:
    epochs = fit(small_task(recipe_of(HEAD, ALL, budget_seconds=1e-6)), Recorder())
    assert [epoch.stage for epoch in epochs] == ["all"]


def test_measuring_a_step_changes_nothing() -> None:
    recipe = recipe_of(replace(ALL, epochs=2))
    assert fitted(recipe)[0] == fitted(replace(recipe, budget_seconds=1000.0))[0]


def test_bfloat16_products_learn_as_well() -> None:
    epochs = fit(small_task(recipe_of(replace(ALL, epochs=6), precision="bf16")), Recorder())
    assert epochs[-1].loss < epochs[0].loss


def test_a_run_folder_tells_what_was_done_without_paths(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    task = small_task(recipe_of(HEAD, ALL))
    epochs = fit(task, Recorder(), folder)
    said = json.loads((folder.path / "run.json").read_text())
    assert said["state"] == "finished"
    assert said["recipe_sha256"] == task.recipe.digest()
    assert said["data_sha256"] == "colours"
    assert said["backbone"]["name"] == "small"
    assert str(tmp_path) not in (folder.path / "run.json").read_text()
    lines = (folder.path / "epochs.csv").read_text().splitlines()
    assert len(lines) == 1 + len(epochs)
    assert (folder.path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder.path / "curves.svg").read_text()
    assert "backbone.stages.9.0" in (folder.path / "layers.txt").read_text()
    other = small_network(7)
    other.load_state_dict(torch.load(folder.weights, weights_only=True))
    assert state_bytes(other) == state_bytes(task.network)
    assert not list(folder.path.glob(".*")), "nothing half written is left"
