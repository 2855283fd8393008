"""Every fault and every harmless change of family c: seeded, graded, of any size, and no more than it should be."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.faults_c.photos import change, skin_with_lesion
from trainer.faults.c.family import FAMILY
from trainer.faults.fault import Fault

CODES = tuple(FAMILY.faults)
BLANK = (190, 140, 110)


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return skin_with_lesion((240, 180))


def applied(fault: Fault, photo: Image.Image, severity: float, seed: int) -> Image.Image:
    return fault(photo, severity, np.random.default_rng(seed))


def test_it_has_the_seven_reasons() -> None:
    assert set(CODES) == {
        "lesion_too_small",
        "scattered_lesions",
        "out_of_focus",
        "watermark",
        "underexposed",
        "overexposed",
        "not_skin",
    }


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("severity", [0.0, 1.0])
def test_the_same_draws_give_the_same_pixels_and_leave_the_photo_alone(
    photo: Image.Image, code: str, severity: float
) -> None:
    before = photo.tobytes()
    for seed in range(3):
        first, again = (applied(FAMILY.faults[code], photo, severity, seed) for _ in range(2))
        assert (first.mode, first.size) == ("RGB", photo.size)
        assert first.tobytes() == again.tobytes()
    assert photo.tobytes() == before


@pytest.mark.parametrize("code", CODES)
def test_other_draws_spoil_differently(photo: Image.Image, code: str) -> None:
    assert len({applied(FAMILY.faults[code], photo, 0.5, seed).tobytes() for seed in range(4)}) == 4


@pytest.mark.parametrize("code", CODES)
def test_even_a_mild_fault_leaves_a_trace(photo: Image.Image, code: str) -> None:
    assert min(change(photo, applied(FAMILY.faults[code], photo, 0.0, seed)) for seed in range(8)) > 0.1


@pytest.mark.parametrize("shape", [(64, 64), (65, 301), (500, 64), (333, 97)])
@pytest.mark.parametrize("code", CODES)
def test_faults_take_any_shape(code: str, shape: tuple[int, int]) -> None:
    for seed, severity in ((0, 0.0), (1, 0.0), (2, 1.0), (3, 1.0)):
        assert applied(FAMILY.faults[code], Image.new("RGB", shape, BLANK), severity, seed).size == shape


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0)])
@pytest.mark.parametrize("code", CODES)
def test_faults_take_blank_pictures(code: str, colour: tuple[int, int, int]) -> None:
    for seed in range(3):
        assert applied(FAMILY.faults[code], Image.new("RGB", (96, 80), colour), 0.5, seed).size == (96, 80)


@pytest.mark.parametrize("code", CODES)
def test_faults_take_a_large_photo(code: str) -> None:
    assert applied(FAMILY.faults[code], skin_with_lesion((2000, 333)), 0.5, 1).size == (2000, 333)


@pytest.mark.parametrize("harmless", FAMILY.harmless)
def test_a_harmless_change_is_seeded_and_keeps_the_size(photo: Image.Image, harmless: Fault) -> None:
    first, again = (applied(harmless, photo, 0.7, 3) for _ in range(2))
    assert (first.mode, first.size) == ("RGB", photo.size)
    assert first.tobytes() == again.tobytes()
    assert applied(harmless, Image.new("RGB", (64, 90), BLANK), 1.0, 3).size == (64, 90)


@pytest.mark.parametrize("harmless", FAMILY.harmless)
def test_a_harmless_change_stays_near_the_original(photo: Image.Image, harmless: Fault) -> None:
    for severity, most in ((0.0, 13), (1.0, 30)):
        assert 0 < change(photo, applied(harmless, photo, severity, 2)) < most
