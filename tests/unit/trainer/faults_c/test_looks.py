"""What a person sees: woven skin without seams, filled skin with grain, a rash that shows, on skin alone."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.unit.trainer.faults_c.photos import change, skin_with_lesion
from trainer.faults.c.distance.weaving import skin_from_afar, woven
from trainer.faults.c.harmless import lesion_a_little_smaller, on_woven_skin
from trainer.faults.c.lesion.cutout import take_apart
from trainer.faults.c.lesion.plain import plainest, skin_share
from trainer.faults.c.pixels import Pixels, light_of
from trainer.faults.c.scatter.contrast import LEAST_DIFFERENCE, Skin, difference, lab, strong_enough
from trainer.faults.c.scatter.faults import blisters, repeated, spots, wheals
from trainer.faults.c.scatter.placing import apart, places
from trainer.faults.fault import Fault

PINK, PALE, BROWN, DARK = (214, 150, 140), (236, 206, 190), (150, 104, 78), (84, 56, 44)


def skin_of(colour: tuple[int, int, int], size: tuple[int, int] = (300, 300)) -> Image.Image:
    """Grained skin of a colour with a faint lesion of nearly the same."""
    grain = np.random.default_rng(3).normal(0, 3, (size[1], size[0], 1))
    view = Image.fromarray(np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8))
    faint = (int(colour[0] * 0.97), int(colour[1] * 0.93), int(colour[2] * 0.93))
    ImageDraw.Draw(view).ellipse((120, 120, 180, 180), fill=faint)
    return view


def crossed(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A lesion on skin with hard shadows and hairs everywhere."""
    view = skin_with_lesion(size)
    draw = ImageDraw.Draw(view)
    for place in range(-200, 320, 34):
        draw.line((place, 0, place + 160, 240), fill=(70, 45, 35), width=7)
    return view


def steepest(light: Pixels) -> float:
    """The step between neighbours that one of a thousand exceeds."""
    grey = light.mean(-1)
    return float(np.quantile(np.concatenate([np.abs(np.diff(grey, axis=axis)).ravel() for axis in (0, 1)]), 0.999))


@pytest.mark.parametrize("photo", [skin_with_lesion(), crossed()])
def test_woven_skin_has_no_edges_stronger_than_its_source(photo: Image.Image) -> None:
    source = light_of(photo)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        assert steepest(woven(source, (300, 200), 1.0, rng)) <= steepest(source)
        assert steepest(skin_from_afar(source, 0.5, (300, 200), rng)) <= steepest(source)


def test_rough_skin_is_not_woven_rough() -> None:
    light = woven(light_of(crossed()), (300, 200), 1.0, np.random.default_rng(1))
    assert float((light.std((0, 1)) / light.mean((0, 1))).max()) < 0.2


def test_the_plainest_piece_is_beside_cloth_hairs_and_the_lesion() -> None:
    photo = skin_with_lesion((320, 240))
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 0, 140, 240), fill=(70, 90, 160))
    for place in range(0, 320, 12):
        draw.line((place, 0, place + 20, 100), fill=(60, 40, 30), width=2)
    light = light_of(photo)
    light[160:, 200:] += np.float32(0.0001)
    hidden = np.zeros(light.shape[:2], dtype=np.float32)
    hidden[80:160, 120:200] = 1
    found = plainest(light, hidden)
    assert found.light.std((0, 1)).max() < 0.1
    assert found.light[..., 0].mean() > 1.3 * found.light[..., 2].mean()


def test_a_photo_without_even_skin_is_not_woven_anew() -> None:
    photo = crossed()
    assert plainest(light_of(photo), np.zeros((240, 320), dtype=np.float32)).roughness > 0.1
    before = np.asarray(photo.convert("L"), dtype=float).ravel()
    for seed in range(4):
        view = on_woven_skin(photo, 1.0, np.random.default_rng(seed))
        assert np.corrcoef(before, np.asarray(view.convert("L"), dtype=float).ravel())[0, 1] > 0.95


@pytest.mark.parametrize("diameter", [0.3, 0.5])
def test_skin_filled_in_has_the_grain_of_the_skin_around(diameter: float) -> None:
    photo = skin_with_lesion((300, 300), diameter)
    for seed in range(6):
        skin = take_apart(photo, np.random.default_rng(seed)).skin
        filled, shown = skin[130:170, 130:170], light_of(photo)[:40, :40]
        assert 0.5 < float(filled.std() / shown.std()) < 1.6
        quarters = [part.std() for half in np.split(filled, 2) for part in np.split(half, 2, axis=1)]
        assert min(quarters) > 0.3 * shown.std()


def test_what_cannot_be_filled_believably_is_doubted_and_left() -> None:
    photo = skin_with_lesion((300, 300))
    assert take_apart(photo, np.random.default_rng(1)).doubt < 1
    halved = Image.composite(
        photo, photo.point(lambda value: value // 8), Image.linear_gradient("L").resize((300, 300))
    )
    assert take_apart(halved, np.random.default_rng(1)).doubt > 1


def test_a_dark_corner_is_not_put_on_woven_skin_as_a_lesion() -> None:
    photo = skin_with_lesion((300, 300), 0.02)
    ImageDraw.Draw(photo).polygon([(0, 110), (50, 150), (0, 190)], fill=(25, 20, 20))
    assert not take_apart(photo, np.random.default_rng(1)).whole
    assert take_apart(skin_with_lesion((300, 300)), np.random.default_rng(1)).whole
    corner = (0, 140, 20, 160)
    for seed in range(4):
        assert np.asarray(on_woven_skin(photo, 0.0, np.random.default_rng(seed)).crop(corner)).mean() < 50


def test_a_lesion_drawn_in_is_smaller_and_the_frame_stays() -> None:
    photo = skin_with_lesion((300, 300), 0.4)
    view = lesion_a_little_smaller(photo, 1.0, np.random.default_rng(1))
    dark = [float((np.asarray(one.convert("L")) < 90).mean()) for one in (photo, view)]
    assert 0.5 < dark[1] / dark[0] < 0.8
    assert change(photo.crop((0, 0, 300, 4)), view.crop((0, 0, 300, 4))) < 4


@pytest.mark.parametrize("colour", [PINK, PALE, BROWN, DARK])
@pytest.mark.parametrize("fault", [spots, wheals, blisters, repeated])
def test_even_the_mildest_rash_is_seen_in_eight_places_on_any_skin(fault: Fault, colour: tuple[int, int, int]) -> None:
    photo = skin_of(colour)
    for seed in range(5):
        seen = lab(light_of(fault(photo, 0.0, np.random.default_rng(seed)).resize((100, 100), Image.Resampling.BOX)))
        own = lab(light_of(photo)[:40, :40].mean((0, 1)))
        shown = np.linalg.norm(seen - own, axis=-1) > 0.6 * LEAST_DIFFERENCE
        assert len({(y // 8, x // 8) for y, x in np.argwhere(shown)}) >= 8


@pytest.mark.parametrize("pigment", [(0.95, 0.9, 0.9), (1.25, 1.35, 1.4), (0.95, 0.55, 0.52)])
@pytest.mark.parametrize("colour", [PINK, PALE, BROWN, DARK, (255, 255, 255), (0, 0, 0)])
def test_a_pigment_is_strengthened_until_it_shows(
    pigment: tuple[float, float, float], colour: tuple[int, int, int]
) -> None:
    light = np.maximum(light_of(Image.new("RGB", (1, 1), colour))[0, 0], np.float32(0.02))
    skin = Skin(light, LEAST_DIFFERENCE)
    strong = strong_enough(np.array(pigment, dtype=np.float32), skin)
    assert difference(strong, skin) >= LEAST_DIFFERENCE or max(colour) < 10


def test_a_rash_stays_off_clothes() -> None:
    photo = skin_with_lesion((300, 300), 0.2)
    ImageDraw.Draw(photo).rectangle((0, 0, 90, 300), fill=(60, 90, 170))
    cloth = (0, 0, 80, 300)
    for fault in (spots, wheals, blisters):
        for seed in range(4):
            assert change(photo.crop(cloth), fault(photo, 1.0, np.random.default_rng(seed)).crop(cloth)) < 2


def test_where_skin_cannot_be_told_all_of_the_photo_is_taken() -> None:
    grey = np.full((90, 120, 3), 0.3, dtype=np.float32) * np.array([0.2, 0.5, 1.0], dtype=np.float32)
    assert skin_share(grey, np.zeros((90, 120), dtype=np.float32)).min() == 1


def test_places_are_apart_on_skin_and_within_the_frame() -> None:
    skin = np.ones((60, 80), dtype=np.float32)
    skin[:, :30] = 0
    for seed in range(60):
        at = places(12, skin, np.random.default_rng(seed))
        assert apart(at) >= 8
        assert at.min() >= 0.03
        assert at.max() <= 0.97
        assert at[:, 0].min() >= 30 / 80
