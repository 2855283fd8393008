"""Recipes: what cannot be meant is refused; equal choices have equal digests. No torch is needed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from trainer.fitting.recipe import Recipe, Stage, from_scratch, pretrained

ALL = Stage("all", 3, 1e-3)


@pytest.mark.parametrize(
    "choices",
    [
        {"epochs": 0},
        {"learning_rate": 0.0},
        {"share": 0.0},
        {"backbone_rate": -1.0},
        {"blocks": 2},
        {"part": "tail"},
        {"variants": 1},
        {"part": "head", "variants": -1},
    ],
)
def test_a_stage_that_cannot_be_meant_is_refused(choices: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"stage needs|belongs to a tail|nothing is frozen"):
        replace(ALL, **choices)


@pytest.mark.parametrize(
    "choices",
    [
        {"stages": ()},
        {"batch_size": 1},
        {"label_smoothing": 1.0},
        {"rarity": 1.5},
        {"warm_up": 0.0},
        {"patience": -1},
        {"budget_seconds": 0.0},
        {"largest_gradient": 0.0},
        {"seed": -1},
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused(choices: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        replace(Recipe((ALL,)), **choices)


def test_equal_recipes_have_equal_digests_and_any_change_another_one() -> None:
    recipe = Recipe((ALL,))
    assert recipe.digest() == Recipe((Stage("all", 3, 1e-3),)).digest()
    changed = (replace(recipe, seed=1), replace(recipe, stages=(replace(ALL, epochs=4),)), replace(recipe, threads=2))
    assert len({recipe.digest(), *(other.digest() for other in changed)}) == 4


def test_a_recipe_is_json() -> None:
    assert json.loads(json.dumps(from_scratch(2).as_json()))["stages"][0]["part"] == "all"


def test_from_scratch_everything_learns_and_is_averaged() -> None:
    recipe = from_scratch(12, seed=3)
    assert [stage.part for stage in recipe.stages] == ["all"]
    assert recipe.average_epochs > 0
    assert recipe.seed == 3


def test_pretrained_thaws_from_the_head_down_ever_slower() -> None:
    recipe = pretrained()
    assert [stage.part for stage in recipe.stages] == ["head", "tail", "all"]
    rates = [stage.learning_rate for stage in recipe.stages]
    assert rates == sorted(rates, reverse=True)
    assert [stage.part for stage in pretrained(all_epochs=0).stages] == ["head", "tail"]
