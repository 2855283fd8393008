"""Parts of family b: spread functions, finding the lesion, laying out skin, marks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.trainer.faults.pictures import lesion_on_skin
from trainer.faults.b.bare import calm_grain, carried_on, laid_out
from trainer.faults.b.convolution import aperture, convolved, shake
from trainer.faults.b.lesion import find_lesion
from trainer.faults.b.not_skin.materials import MATERIALS, Material
from trainer.faults.b.rash.spread import spread_out
from trainer.faults.b.watermark.fault import MARKS, Mark
from trainer.faults.b.watermark.lettering import HANDS, Hand, digits
from trainer.faults.b.watermark.strokes import CHARACTERS, letter


@settings(deadline=None, max_examples=30)
@given(radius=st.floats(0.3, 30), blades=st.sampled_from([0, 3, 5, 6, 8]), turn=st.floats(0, 6.3))
def test_an_aperture_lets_all_light_through_about_its_middle(radius: float, blades: int, turn: float) -> None:
    spread = aperture(radius, blades, turn)
    assert spread.sum() == pytest.approx(1, abs=1e-4)
    assert (spread >= 0).all()
    middle = np.arange(len(spread)) - len(spread) // 2
    assert abs(float((spread.sum(0) * middle).sum())) < 0.2 + radius * 0.15


@settings(deadline=None, max_examples=30)
@given(length=st.floats(0.5, 90), seed=st.integers(0, 10_000))
def test_a_shaken_hand_goes_as_far_as_asked_and_keeps_the_light(length: float, seed: int) -> None:
    spread = shake(length, np.random.default_rng(seed))
    assert spread.sum() == pytest.approx(1, abs=1e-4)
    assert len(spread) <= 2 * length + 5


def test_a_point_of_light_becomes_the_spread_function() -> None:
    picture = np.zeros((40, 50, 3), dtype=np.float32)
    picture[20, 30] = 1
    spread = aperture(3.0, 0, 0.0)
    seen = convolved(picture, spread)
    half = len(spread) // 2
    assert np.allclose(seen[20 - half : 21 + half, 30 - half : 31 + half, 1], spread, atol=1e-5)
    assert np.allclose(convolved(np.ones_like(picture), spread), 1, atol=1e-4)


@pytest.mark.parametrize("radius", [0.06, 0.15, 0.3])
def test_the_lesion_is_found_where_it_is_as_large_as_it_is(radius: float) -> None:
    found = find_lesion(lesion_on_skin((300, 220), radius))
    assert (found.left + found.right) / 2 == pytest.approx(0.5, abs=0.04)
    assert (found.top + found.bottom) / 2 == pytest.approx(0.5, abs=0.04)
    assert found.extent == pytest.approx(2 * radius, rel=0.25, abs=0.045)


def test_where_nothing_stands_out_the_middle_is_the_lesion() -> None:
    assert find_lesion(Image.new("RGB", (90, 80), (180, 140, 120))).extent == pytest.approx(0.4, abs=0.1)


def test_a_strip_without_a_lesion_has_its_middle_for_one() -> None:
    found = find_lesion(Image.new("RGB", (67, 2755), (200, 160, 140)))
    assert found.top < 0.5 < found.bottom


@pytest.mark.parametrize("size", [(64, 300), (301, 65), (640, 479)])
@pytest.mark.parametrize("grain", [(18, 18), (95, 101), (240, 181)])
def test_grain_is_laid_out_in_any_size(grain: tuple[int, int], size: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    piece = rng.standard_normal((*grain, 3), dtype=np.float32)
    assert laid_out(piece, size, rng).shape == (size[1], size[0], 3)


def test_laid_out_grain_is_as_strong_as_the_skin_it_came_from() -> None:
    grain = calm_grain(lesion_on_skin((320, 240)), 1.0)
    laid = laid_out(grain, (400, 300), np.random.default_rng(1))
    assert laid.shape == (300, 400, 3)
    assert laid.std() == pytest.approx(grain.std(), rel=0.25)
    tiles = [laid[y : y + 40, x : x + 40].std() for y in (0, 100, 200) for x in (0, 150, 300)]
    assert max(tiles) < 1.8 * min(tiles)


def test_colour_is_carried_on_from_what_is_known() -> None:
    values = np.zeros((60, 80, 3), dtype=np.float32)
    values[20:40, 30:50] = (200, 150, 120)
    known = np.zeros((60, 80), dtype=np.float32)
    known[20:40, 30:50] = 1
    filled = carried_on(values, known)
    assert np.abs(filled - (200, 150, 120)).max() < 8


@pytest.mark.parametrize("count", [1, 12, 70])
def test_lesions_are_spread_in_number(count: int) -> None:
    places = spread_out(count, np.random.default_rng(count))
    assert places.shape == (count, 2)
    assert (places > 0).all()
    assert (places < 1).all()


@pytest.mark.parametrize("character", CHARACTERS)
def test_every_stroke_lies_in_its_cell(character: str) -> None:
    strokes = letter(character)
    assert strokes
    for stroke in strokes:
        assert len(stroke) >= 2
        assert stroke.min() >= 0
        assert stroke[:, 0].max() <= 4
        assert stroke[:, 1].max() <= 6


@pytest.mark.parametrize("hand", HANDS)
def test_every_hand_writes_something(hand: Hand) -> None:
    mask = hand("Derma 1", 20, np.random.default_rng(2))
    assert mask.mode == "L"
    assert mask.getbbox() is not None


def test_a_date_is_written_in_segments() -> None:
    assert digits("21-04-09 12:30", 24, np.random.default_rng(1)).getbbox() is not None


@pytest.mark.parametrize("mark", MARKS)
def test_every_mark_shows_on_light_and_on_dark_ground(mark: Mark) -> None:
    for shade in (25, 225):
        photo = Image.new("RGB", (200, 150), (shade, shade, shade))
        seen = np.abs(np.asarray(mark(photo, 0.45, np.random.default_rng(8)), dtype=float) - shade).max(2)
        assert (seen > 25).mean() > 0.003


@pytest.mark.parametrize("material", MATERIALS)
def test_every_material_has_shade_about_one(material: Material) -> None:
    shade = material((90, 70), np.random.default_rng(6))
    assert shade.shape[:2] == (70, 90)
    assert np.isfinite(shade).all()
    assert 0.2 < float(shade.mean()) < 1.8
