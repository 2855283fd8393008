"""Eruptions of families a and b: in number, within the frame, and standing off the skin they are on."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.faults.pictures import lesion_on_skin
from trainer.faults.a.eruption.healing import healed
from trainer.faults.a.eruption.looks import LOOKS, Look
from trainer.faults.a.eruption.paint import LEAST_CONTRAST, lesion_count
from trainer.faults.a.eruption.places import ARRANGEMENTS, Arrangement, arranged
from trainer.faults.a.eruption.stamps import contrast, ground_of, stamp, strengthened
from trainer.faults.b.lesion import find_lesion
from trainer.faults.b.rash.nature import any_nature
from trainer.faults.b.rash.rash import with_spots
from trainer.faults.b.rash.skin import cleared
from trainer.faults.b.rash.spread import SPREADS, Spread, gridded

SKINS = ((245, 220, 205), (205, 155, 130), (120, 80, 60), (52, 36, 30))


def skin(colour: tuple[int, int, int]) -> Image.Image:
    noise = np.random.default_rng(2).normal(0, 3, (150, 200, 3))
    return Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_look_stands_off_every_skin(look: Look) -> None:
    for seed, colour in enumerate(SKINS):
        ground = ground_of(skin(colour))
        factor = stamp(look, 9.0, 0.5, ground, np.random.default_rng(seed))
        assert contrast(strengthened(factor, ground, LEAST_CONTRAST), ground) > 0.75 * LEAST_CONTRAST


@pytest.mark.parametrize("colour", SKINS)
def test_every_spot_of_a_rash_stands_off_every_skin(colour: tuple[int, int, int]) -> None:
    bare = skin(colour)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        places = gridded(12, rng)
        view = with_spots(bare, places, 0.09, any_nature(rng), rng)
        changed = np.linalg.norm(np.asarray(view, dtype=float) - np.asarray(bare, dtype=float), axis=2)
        seen = [float(changed[around(y, 150), around(x, 200)].max()) for x, y in places]
        assert min(seen) > 25


def around(share: float, length: int) -> slice:
    middle = int(share * length)
    return slice(max(middle - 7, 0), middle + 8)


def test_severe_eruptions_have_more_lesions_and_none_has_fewer_than_eight() -> None:
    rng = np.random.default_rng(4)
    counts = {
        severity: [lesion_count(severity, size, rng) for size in np.linspace(0.02, 0.15, 40)] for severity in (0.0, 1.0)
    }
    assert min(counts[0.0]) >= 8
    assert max(counts[1.0]) <= 100
    assert np.mean(counts[1.0]) > 2 * np.mean(counts[0.0])


@pytest.mark.parametrize("spread", [*ARRANGEMENTS, *SPREADS])
@pytest.mark.parametrize("count", [8, 33, 100])
def test_all_lesions_of_any_spread_lie_in_the_frame(spread: Arrangement | Spread, count: int) -> None:
    places = spread(count, np.random.default_rng(count))
    assert places.shape == (count, 2)
    assert places.min() >= 0
    assert places.max() <= 1


def test_lesions_are_moved_apart_and_stay_in_the_frame() -> None:
    places = arranged(60, 0.05, np.random.default_rng(1))
    assert places.shape == (60, 2)
    assert 0 <= places.min() <= places.max() <= 1


def test_a_lesion_is_healed_or_cleared_away_and_the_rest_left() -> None:
    photo = lesion_on_skin((240, 180), 0.16)
    for skin_only in (healed(photo), cleared(photo, find_lesion(photo), np.random.default_rng(1))):
        assert skin_only is not None
        values = np.asarray(skin_only.convert("L"), dtype=float)
        assert abs(values[80:100, 110:130].mean() - values[:25].mean()) < 15
        assert np.abs(values[:20] - np.asarray(photo.convert("L"), dtype=float)[:20]).max() < 3


def test_a_photo_that_is_all_lesion_is_not_healed() -> None:
    photo = lesion_on_skin((200, 200), 0.45)
    assert healed(photo) is None
    assert cleared(photo, find_lesion(photo), np.random.default_rng(1)) is None
