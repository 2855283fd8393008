"""More severe is worse by measure, and what is harmless stays far from the mildest fault."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.faults.pictures import brightness, change, dark_share, lesion_on_skin, sharpness
from trainer.faults.a.distance import from_further
from trainer.faults.b.distance import stepped_back
from trainer.faults.b.family import FAMILY
from trainer.faults.b.lesion import find_lesion
from trainer.faults.registry import spoil

PHOTO = lesion_on_skin((320, 240))
SEEDS = range(14)


def mean_of(measure: Callable[[Image.Image], float], code: str, severity: float, family: str) -> float:
    return float(np.mean([measure(spoil(PHOTO, code, severity, seed, family)) for seed in SEEDS]))


@pytest.mark.parametrize("family", ["a", "b"])
def test_blur_takes_sharpness_by_degree(family: str) -> None:
    left = [mean_of(sharpness, "out_of_focus", severity, family) for severity in (0.0, 0.5, 1.0)]
    assert sharpness(PHOTO) * 0.75 > left[0] > left[1] > left[2]


@pytest.mark.parametrize("family", ["a", "b"])
def test_light_goes_by_degree(family: str) -> None:
    dark = [mean_of(brightness, "underexposed", severity, family) for severity in (0.0, 0.5, 1.0)]
    light = [mean_of(brightness, "overexposed", severity, family) for severity in (0.0, 0.5, 1.0)]
    assert brightness(PHOTO) / 2 > dark[0] > dark[1] > dark[2]
    assert brightness(PHOTO) * 1.15 < light[0] < light[1] < light[2]


def test_a_lesion_from_further_away_takes_less_of_the_frame() -> None:
    found = find_lesion(PHOTO)
    views = [
        stepped_back(PHOTO, found, share, (0.1, -0.1), np.random.default_rng(4)) for share in (0.9, 0.5, 0.25, 0.1)
    ]
    sizes = [dark_share(view, 90) for view in views]
    assert found.extent > 0.28
    assert sizes[0] > 2 * sizes[1] > 4 * sizes[2] > 8 * sizes[3] > 0


def test_more_lesions_are_scattered_when_it_is_worse() -> None:
    def spots(severity: float) -> float:
        return mean_of(lambda photo: dark_share(photo, 135), "scattered_lesions", severity, "a")

    alone = dark_share(from_further(PHOTO, 0.4, np.random.default_rng(1)), 135)
    assert 0 < alone < spots(0.0) < spots(1.0)


@pytest.mark.parametrize("harmless", FAMILY.harmless)
def test_harmless_keeps_lesion_sharpness_and_light(harmless: Callable[..., Image.Image]) -> None:
    for seed in range(6):
        view = harmless(PHOTO, 1.0, np.random.default_rng(seed))
        assert find_lesion(view).extent >= 0.19
        assert 0.7 < brightness(view) / brightness(PHOTO) < 1.25
        assert sharpness(view) > 0.5 * sharpness(PHOTO)


@pytest.mark.parametrize("number", range(1, len(FAMILY.harmless)))
def test_hardly_anything_changes_at_the_least_harmless_degree(number: int) -> None:
    view = FAMILY.harmless[number](PHOTO, 0.0, np.random.default_rng(1))
    assert change(PHOTO, view) < 9
