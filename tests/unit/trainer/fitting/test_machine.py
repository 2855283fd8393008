"""Number formats and seeds."""

import json

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import numpy as np
import torch

from tests.unit.trainer.fitting.shared import recipe_of
from trainer.fitting.augment import moved, tinted, turned
from trainer.fitting.machine import facts, prepare, seed_for
from trainer.fitting.recipe import Precision, Stage

ALL = Stage("all", 1, 1e-3)


@pytest.mark.parametrize(("precision", "expected"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_products_are_computed_in_the_format_asked_for(precision: Precision, expected: torch.dtype) -> None:
    machine = prepare(recipe_of(ALL, precision=precision))
    with machine.computing():
        assert (torch.rand(2, 2) @ torch.rand(2, 2)).dtype == expected


def test_the_format_is_chosen_by_what_the_processor_can_do() -> None:
    chosen = prepare(recipe_of(ALL, precision="auto")).format
    assert chosen == (torch.bfloat16 if facts()["bfloat16_products"] else None)


def test_each_epoch_seed_and_process_has_its_own_draws() -> None:
    draws = set()
    for seed, epoch, rank in ((0, 1, 0), (0, 2, 0), (1, 1, 0), (0, 1, 1)):
        seed_for(recipe_of(ALL, seed=seed), epoch, rank)
        draws.add(float(torch.rand(1)))
    seed_for(recipe_of(ALL), 1)
    assert float(torch.rand(1)) in draws
    assert len(draws) == 4


def test_the_facts_of_a_machine_are_json() -> None:
    assert json.loads(json.dumps(facts())) == facts()


@pytest.mark.parametrize("change", [turned, moved, tinted])
def test_augmentation_keeps_shape_and_range(change: object) -> None:
    images = torch.rand(5, 3, 20, 20)
    assert callable(change)
    changed = change(images, np.random.default_rng(2))
    assert changed.shape == images.shape
    assert float(changed.min()) >= -0.01
    assert float(changed.max()) <= 1.01
