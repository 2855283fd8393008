"""More severity means more of the fault, whichever way it is made."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.faults_c.photos import brightness, change, dark_share, sharpness, skin_with_lesion
from trainer.faults.c.distance.faults import in_wider_view, on_a_limb, shrunk_in_place
from trainer.faults.c.focus.faults import by_spread
from trainer.faults.c.focus.glass import fingerprint, haze, wet_lens
from trainer.faults.c.focus.phone import enlarged, painted, wrong_plane
from trainer.faults.c.focus.spread import astigmatic, ghost, iris, moffat, shake, through
from trainer.faults.c.harmless import lesion_a_little_smaller, some_moles
from trainer.faults.c.lesion.finding import find_spot
from trainer.faults.c.light.bright import clipped_colour, flash, long_exposure, sun_in_the_lens
from trainer.faults.c.light.dark import against_the_light, beside_the_spot, night, short_exposure
from trainer.faults.c.marks.faults import watermark
from trainer.faults.c.not_skin.faults import not_skin
from trainer.faults.c.scatter.faults import blisters, repeated, spots, wheals
from trainer.faults.fault import Fault

SEVERITIES = (0.0, 0.5, 1.0)
SEEDS = range(3)
BLURS = (
    *(by_spread(spread, 1.0) for spread in (iris, moffat, astigmatic, shake, ghost)),
    haze, fingerprint, painted, enlarged, wrong_plane, wet_lens,
)  # fmt: skip


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return skin_with_lesion((360, 270))


def by_degree(fault: Fault, photo: Image.Image) -> list[list[Image.Image]]:
    """For each severity, the photo spoilt with each seed."""
    return [[fault(photo, severity, np.random.default_rng(seed)) for seed in SEEDS] for severity in SEVERITIES]


@pytest.mark.parametrize("fault", BLURS)
def test_a_blur_takes_sharpness_by_degree(photo: Image.Image, fault: Fault) -> None:
    left = [float(np.mean([sharpness(view) for view in views])) for views in by_degree(fault, photo)]
    assert sharpness(photo) * 0.9 > left[0] > left[1] > left[2]


@pytest.mark.parametrize("fault", [short_exposure, night, against_the_light, beside_the_spot])
def test_too_little_light_darkens_the_subject_by_degree(photo: Image.Image, fault: Fault) -> None:
    middle = (120, 90, 240, 180)
    left = [float(np.mean([brightness(view.crop(middle)) for view in views])) for views in by_degree(fault, photo)]
    assert brightness(photo.crop(middle)) * 0.6 > left[0] > left[1] > left[2]


@pytest.mark.parametrize("fault", [short_exposure, night, against_the_light, beside_the_spot])
def test_dark_skin_in_too_little_light_is_darker_still(fault: Fault) -> None:
    dark = skin_with_lesion().point(lambda value: value // 3)
    middle = (110, 80, 210, 160)
    assert brightness(fault(dark, 0.0, np.random.default_rng(1)).crop(middle)) < brightness(dark.crop(middle)) * 0.75


@pytest.mark.parametrize("fault", [long_exposure, flash, sun_in_the_lens, clipped_colour])
def test_too_much_light_burns_out_by_degree(photo: Image.Image, fault: Fault) -> None:
    burnt = [
        float(np.mean([(np.asarray(view).max(-1) >= 250).mean() for view in views]))
        for views in by_degree(fault, photo)
    ]
    assert 0.15 < burnt[0] < burnt[1] < burnt[2]


@pytest.mark.parametrize("fault", [shrunk_in_place, in_wider_view])
def test_the_lesion_gets_smaller_by_degree(photo: Image.Image, fault: Fault) -> None:
    shares = [float(np.median([dark_share(view) for view in views])) for views in by_degree(fault, photo)]
    assert dark_share(photo) / 4 > shares[0] > shares[2]


def test_a_limb_is_narrower_when_further_away(photo: Image.Image) -> None:
    views = by_degree(on_a_limb, photo)
    assert np.mean([change(photo, view) for view in views[2]]) > np.mean([change(photo, view) for view in views[0]])


@pytest.mark.parametrize("fault", [spots, wheals, blisters, repeated])
def test_more_lesions_change_more_of_the_skin(photo: Image.Image, fault: Fault) -> None:
    bare = shrunk_in_place(photo, 1.0, np.random.default_rng(0))
    changed = [float(np.mean([change(bare, view) for view in views])) for views in by_degree(fault, photo)]
    assert changed[0] < changed[2]


def test_a_mark_covers_more_by_degree(photo: Image.Image) -> None:
    changed = [
        np.mean([change(photo, watermark(photo, severity, np.random.default_rng(seed))) for seed in range(24)])
        for severity in SEVERITIES
    ]
    assert changed[0] < changed[1] < changed[2]


def test_what_is_not_skin_has_the_skin_s_colour_when_mild(photo: Image.Image) -> None:
    def away(severity: float) -> float:
        own = np.asarray(photo, dtype=float).mean((0, 1))
        views = (not_skin(photo, severity, np.random.default_rng(seed)) for seed in range(12))
        return float(np.mean([np.abs(np.asarray(view, dtype=float).mean((0, 1)) - own).mean() for view in views]))

    assert away(0.0) < away(1.0)


def test_a_harmless_change_of_size_keeps_the_lesion_large(photo: Image.Image) -> None:
    view = lesion_a_little_smaller(photo, 1.0, np.random.default_rng(1))
    assert find_spot(view).diameter_px > 0.15 * min(photo.size)


def test_a_few_moles_are_few(photo: Image.Image) -> None:
    assert dark_share(some_moles(photo, 1.0, np.random.default_rng(1))) < dark_share(photo) + 0.01


@pytest.mark.parametrize("spread", [iris, moffat, astigmatic, shake, ghost])
def test_a_point_spread_keeps_the_light(photo: Image.Image, spread: object) -> None:
    assert callable(spread)
    assert brightness(through(photo, spread(4.0, np.random.default_rng(1)))) == pytest.approx(brightness(photo), abs=1)
