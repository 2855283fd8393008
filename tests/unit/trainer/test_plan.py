"""Examples are planned as values: the same plan every time, balanced over the faults."""

from collections import Counter
from pathlib import Path

from inference.patches import PatchPlan
from inference.rules import REASON_CODES, USABLE
from trainer.suitability.plan import Mix, plan
from trainer.suitability.render import View, example

MIX = Mix(synthetic=50, usable=2, spoilt=3, seed=1)


def test_a_plan_is_the_same_every_time_and_another_seed_another_plan() -> None:
    assert plan([], MIX, 7) == plan([], MIX, 7)
    assert plan([], MIX, 7) != plan([], Mix(50, 2, 3, seed=2), 7)


def test_each_source_gives_usable_and_spoilt_examples() -> None:
    planned = plan([Path("a.jpg")], MIX, 7)
    labels = Counter(one.label for one in planned)
    assert labels[USABLE] == 51 * 2
    assert sum(labels[code] for code in REASON_CODES) == 51 * 3
    assert min(labels[code] for code in REASON_CODES) > 10
    assert sum(one.photo is not None for one in planned) == 5


def test_the_two_sides_never_share_a_synthetic_scene() -> None:
    train, unseen = plan([], MIX, 1_000_000), plan([], MIX, 2_000_000)
    assert not {one.scene_seed for one in train} & {one.scene_seed for one in unseen}


def test_an_example_is_made_the_same_every_time() -> None:
    view = View(32, PatchPlan(2, 16))
    planned = plan([], Mix(1, 1, 1), 5)
    for one in planned:
        whole, patches = example(one, view)
        again, _ = example(one, view)
        assert whole.shape == (3, 32, 32)
        assert patches.shape == (2, 3, 16, 16)
        assert (whole == again).all()
