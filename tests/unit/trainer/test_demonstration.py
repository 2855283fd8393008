"""The command behind the bundled models speaks the language of `dermgate-train fit`."""

from pathlib import Path

import pytest

from inference.bundling import BUNDLED
from trainer.cli import _parse
from trainer.demonstration import CREDIT, RECIPES, _parser, words_for
from trainer.running.asked import Asked
from trainer.running.command import asked_of


def asked(task: str, *more: str) -> Asked:
    options = _parser().parse_args(["photos", "--labels", "labels.csv", *more])
    return asked_of(_parse(words_for(task, options)))


def test_without_labels_it_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        _parser().parse_args(["photos"])
    assert stopped.value.code == 2
    assert "--labels" in capsys.readouterr().err


@pytest.mark.parametrize("task", RECIPES)
def test_each_model_is_credited_marked_and_put_beside_the_bundled_ones(task: str) -> None:
    model = asked(task)
    assert (model.task, model.store, model.demonstration, model.credits) == (task, BUNDLED, True, (CREDIT,))
    assert (model.source.photos, model.source.labels) == (Path("photos"), Path("labels.csv"))
    assert model.policy.accuracy.threshold >= 0.5
    assert not model.promote


@pytest.mark.parametrize("task", RECIPES)
def test_the_command_on_its_card_names_no_place_on_a_machine(task: str) -> None:
    said = asked(task, "--runs", "a-run", "--cache", "a-cache", "--negatives", "a-negative").command
    assert said.startswith("dermgate-train fit PHOTOS ")
    assert not any(place in said for place in ("labels.csv", str(BUNDLED), "a-run", "a-cache", "a-negative"))


def test_each_task_has_a_runs_folder_of_its_own_and_only_made_examples_a_cache() -> None:
    more = ("--runs", "runs", "--cache", "cache", "--negatives", "negatives", "--workers", "3")
    suitability, disease = asked("suitability", *more), asked("disease", *more)
    assert (suitability.run, disease.run) == (Path("runs/suitability"), Path("runs/disease"))
    assert (suitability.cache, suitability.workers, disease.cache) == (Path("cache"), 3, None)
    assert (suitability.making.negatives, disease.making.negatives) == (Path("negatives"), None)
