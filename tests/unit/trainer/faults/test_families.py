"""What holds for every family: all codes, seeded, any shape, told apart, and harmless changes that harm nothing."""

from itertools import product

import numpy as np
import pytest
from PIL import Image

from inference.rules import REASON_CODES
from tests.unit.trainer.faults.pictures import change, lesion_on_skin
from trainer.faults.registry import FAMILIES, FAULTS, harm_nothing, spoil

EVERY = tuple(product(FAMILIES, FAULTS))
PHOTO = lesion_on_skin()


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(KeyError):
        spoil(PHOTO, "watermark", 0.5, 1, "z")
    with pytest.raises(KeyError):
        harm_nothing(PHOTO, 0.5, 1, "z")


@pytest.mark.parametrize("severity", [-0.1, 1.1, float("nan")])
def test_a_harmless_severity_out_of_range_is_refused(severity: float) -> None:
    with pytest.raises(ValueError, match="severity"):
        harm_nothing(PHOTO, severity, 1)


def test_a_tiny_photo_is_refused_for_harmless_changes_too() -> None:
    with pytest.raises(ValueError, match="64"):
        harm_nothing(Image.new("RGB", (400, 63)), 0.5, 1)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_makes_every_fault_and_some_harmless_changes(name: str) -> None:
    family = FAMILIES[name]
    assert family.name == name
    assert tuple(family.faults) == FAULTS == tuple(REASON_CODES)
    assert len(family.harmless) >= 4


@pytest.mark.parametrize(("name", "code"), EVERY)
@pytest.mark.parametrize("severity", [0.0, 1.0])
def test_the_same_seed_gives_the_same_pixels_and_leaves_the_photo_alone(name: str, code: str, severity: float) -> None:
    before = PHOTO.tobytes()
    first, again = (spoil(PHOTO, code, severity, 5, name) for _ in range(2))
    assert (first.mode, first.size) == ("RGB", PHOTO.size)
    assert first.tobytes() == again.tobytes()
    assert PHOTO.tobytes() == before


@pytest.mark.parametrize("code", FAULTS)
def test_families_spoil_differently(code: str) -> None:
    assert len({spoil(PHOTO, code, 0.5, 3, name).tobytes() for name in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize("size", [(64, 64), (65, 301), (500, 64)])
@pytest.mark.parametrize(("name", "code"), EVERY)
def test_faults_take_any_shape_and_a_photo_without_a_lesion(name: str, code: str, size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, (190, 140, 110))
    for seed in range(3):
        assert spoil(plain, code, seed / 2, seed, name).size == size


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("shade", [0, 255])
def test_black_and_white_frames_are_no_trouble(name: str, shade: int) -> None:
    frame = Image.new("RGB", (96, 80), (shade, shade, shade))
    for code in FAULTS:
        assert spoil(frame, code, 0.5, 2, name).size == frame.size


@pytest.mark.parametrize(("name", "code"), EVERY)
def test_even_a_mild_fault_can_be_seen(name: str, code: str) -> None:
    assert np.mean([change(PHOTO, spoil(PHOTO, code, 0.0, seed, name)) for seed in range(8)]) > 1


@pytest.mark.parametrize("name", FAMILIES)
def test_harmless_changes_are_seeded_keep_the_size_and_differ_by_seed(name: str) -> None:
    made = [harm_nothing(PHOTO, 1.0, seed, name) for seed in range(8)]
    assert all((view.mode, view.size) == ("RGB", PHOTO.size) for view in made)
    assert made[0].tobytes() == harm_nothing(PHOTO, 1.0, 0, name).tobytes()
    assert len({view.tobytes() for view in made}) > 4


@pytest.mark.parametrize("size", [(64, 64), (65, 301), (500, 64)])
@pytest.mark.parametrize("name", FAMILIES)
def test_harmless_changes_take_any_shape(name: str, size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, (190, 140, 110))
    for change_number, harmless in enumerate(FAMILIES[name].harmless):
        assert harmless(plain, 0.5, np.random.default_rng(change_number)).size == size
