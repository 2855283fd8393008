"""Examples are planned as values: the same plan every time, balanced over the faults."""

from collections import Counter
from pathlib import Path

from inference.patches import PatchPlan
from inference.rules import REASON_CODES, USABLE
from trainer.suitability.plan import NOT_SKIN, Families, Mix, Planned, Source, plan
from trainer.suitability.render import View, example

MIX = Mix(synthetic=50, usable=2, spoilt=3, seed=1)
FAMILIES = Families(scenes=("field",), faults=("a", "b"))
GOOD = Source(Path("a.jpg"), USABLE, "p1")


def planned(*sources: Source, mix: Mix = MIX, first_scene: int = 7) -> tuple[Planned, ...]:
    return plan(sources, [], FAMILIES, mix, first_scene)


def test_a_plan_is_the_same_every_time_and_another_seed_another_plan() -> None:
    assert planned(GOOD) == planned(GOOD)
    assert planned(GOOD) != planned(GOOD, mix=Mix(50, 2, 3, seed=2))


def test_each_source_gives_usable_and_spoilt_examples() -> None:
    made = planned(GOOD)
    labels = Counter(one.label for one in made)
    assert labels[USABLE] == 51 * 2
    assert sum(labels[code] for code in REASON_CODES) == 51 * 3
    assert min(labels[code] for code in REASON_CODES) > 10
    assert sum(one.photo is not None for one in made) == 5


def test_a_photo_said_to_be_spoilt_is_taken_as_it_is_and_never_spoilt_again() -> None:
    made = planned(Source(Path("b.jpg"), "watermark", "p2"), mix=Mix(0, 2, 3))
    assert [(one.label, one.making) for one in made] == [("watermark", "as_it_is")] * 2


def test_examples_of_a_photo_belong_to_its_patient_and_those_of_a_scene_together() -> None:
    made = planned(GOOD)
    assert {one.origin for one in made if one.photo} == {"p1"}
    assert len({one.origin for one in made}) == 51


def test_pictures_of_other_things_are_cut_and_are_no_skin() -> None:
    made = plan([], [Source(Path("tree.jpg"), NOT_SKIN, "trees")], FAMILIES, Mix(0, cuts=4), 7)
    assert [(one.label, one.making, one.origin) for one in made] == [(NOT_SKIN, "negative", "trees")] * 4
    assert len({one.seed for one in made}) == 4


def test_only_the_families_asked_for_take_part() -> None:
    made = planned(GOOD)
    assert {one.fault for one in made} == {"a", "b"}
    assert {one.scene for one in made if one.photo is None} == {"field"}


def test_two_sides_never_share_a_synthetic_scene() -> None:
    train, unseen = planned(first_scene=1_000_000), planned(first_scene=2_000_000)
    assert not {one.scene_seed for one in train} & {one.scene_seed for one in unseen}


def test_as_many_scenes_as_photos_are_drawn_unless_told_otherwise() -> None:
    assert Mix().scenes(40) == 40
    assert Mix().scenes(40_000) == 600
    assert Mix(synthetic=0).scenes(40) == 0


def test_an_example_is_made_the_same_every_time() -> None:
    view = View(32, PatchPlan(2, 16))
    for one in planned(mix=Mix(1, 1, 1), first_scene=5):
        whole, patches = example(one, view)
        again, _ = example(one, view)
        assert whole.shape == (3, 32, 32)
        assert patches.shape == (2, 3, 16, 16)
        assert (whole == again).all()
