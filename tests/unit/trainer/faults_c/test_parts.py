"""The parts that family c is built from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.trainer.faults_c.photos import dark_share, skin_with_lesion
from trainer.faults.c.choice import one_of
from trainer.faults.c.distance.weaving import woven
from trainer.faults.c.fields import cloud
from trainer.faults.c.lesion.cutout import lay, take_apart
from trainer.faults.c.lesion.finding import find_spot
from trainer.faults.c.marks.letters import ALPHABET, inked, placed, written
from trainer.faults.c.not_skin.cells import cells
from trainer.faults.c.pixels import light_of, photo_of_light
from trainer.faults.fault import Fault


def test_light_and_back_is_the_same_photo() -> None:
    photo = Image.fromarray(np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3))
    assert np.abs(np.asarray(photo_of_light(light_of(photo)), dtype=int) - np.asarray(photo, dtype=int)).max() <= 1


@pytest.mark.parametrize("diameter", [0.12, 0.25, 0.4])
def test_a_lesion_is_found_where_it_is_and_as_large_as_it_is(diameter: float) -> None:
    photo = skin_with_lesion((400, 300), diameter)
    spot = find_spot(photo)
    box = spot.mask.getbbox()
    assert box is not None
    assert abs((box[0] + box[2]) / 2 - 200) < 20
    assert abs((box[1] + box[3]) / 2 - 150) < 20
    assert spot.diameter_px == pytest.approx(diameter * 300, rel=0.3)


def test_where_nothing_stands_out_the_middle_is_taken() -> None:
    spot = find_spot(Image.new("RGB", (200, 100), (180, 140, 120)))
    assert spot.diameter_px > 10


def test_skin_taken_apart_shows_no_lesion_and_put_together_is_the_photo() -> None:
    photo = skin_with_lesion((400, 300))
    apart = take_apart(photo, np.random.default_rng(1))
    assert dark_share(photo_of_light(apart.skin)) < 0.01
    light = apart.skin.copy()
    lay(light, [(apart.veil, apart.x, apart.y)])
    middle = (slice(130, 170), slice(180, 220))
    again = np.asarray(photo_of_light(light), dtype=float)[middle]
    assert np.abs(again - np.asarray(photo, dtype=float)[middle]).mean() < 4


def test_lesions_over_each_other_do_not_add_up() -> None:
    once, twice = (np.full((20, 20, 3), 0.5, dtype=np.float32) for _ in range(2))
    veil = np.full((6, 6, 3), -1.0, dtype=np.float32)
    lay(once, [(veil, 10, 10)])
    lay(twice, [(veil, 10, 10), (veil * np.float32(0.5), 10, 10), (veil, 500, 500)])
    assert np.array_equal(once, twice)
    assert once.min() < 0.2


def test_which_method_makes_a_fault_does_not_depend_on_severity() -> None:
    seen: list[str] = []

    def method(name: str) -> Fault:
        def fault(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
            seen.append(name)
            return photo

        return fault

    fault = one_of(method("first"), method("second"))
    for seed in range(8):
        for severity in (0.0, 1.0):
            fault(Image.new("RGB", (64, 64)), severity, np.random.default_rng(seed))
    assert seen[::2] == seen[1::2]
    assert set(seen) == {"first", "second"}


def test_woven_skin_has_the_colour_and_the_grain_of_its_source() -> None:
    rng = np.random.default_rng(2)
    source = (0.4 + 0.04 * rng.standard_normal((90, 120, 3))).astype(np.float32)
    more = woven(source, (300, 200), 1.0, rng)
    assert more.shape == (200, 300, 3)
    assert abs(float(more.mean()) - 0.4) < 0.05
    assert 0.02 < float(more.std((0, 1)).mean()) < 0.08


@given(width=st.integers(4, 90), height=st.integers(4, 90), coarsest=st.floats(2, 400), finest=st.floats(1, 60))
@settings(max_examples=40, deadline=None)
def test_clouds_are_bounded_for_every_size(width: int, height: int, coarsest: float, finest: float) -> None:
    field = cloud(np.random.default_rng(1), (width, height), coarsest, finest)
    assert field.shape == (height, width)
    assert np.isfinite(field).all()
    assert np.abs(field).max() < 12


@given(text=st.text(max_size=20))
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_written(text: str) -> None:
    lines, width = written(text)
    assert width > 0
    assert all(len(line) > 1 for line in lines)


def test_every_letter_leaves_ink_within_its_cell() -> None:
    for letter in ALPHABET:
        box = inked(placed(written(letter)[0], 10, 10, 40), (60, 60), 3).getbbox()
        assert box is not None
        assert min(box[:2]) >= 6
        assert max(box[2:]) <= 56


def test_each_pixel_of_a_cell_is_nearer_to_its_own_seed() -> None:
    nearest, following, number = cells((120, 80), 14.0, 0.9, np.random.default_rng(1))
    assert (nearest <= following).all()
    assert 30 < len(np.unique(number)) < 120
