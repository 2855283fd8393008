"""The parts of scenes keep their promises: shapes by area, tiles without seams, props clear of the subject."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.synthetic.anatomy import scene as anatomy
from trainer.synthetic.anatomy.body import any_part, inside_mm, point_on
from trainer.synthetic.anatomy.lab import DARKEST_ITA, LIGHTEST_ITA, Lab, any_skin, linear
from trainer.synthetic.anatomy.outline import outline
from trainer.synthetic.anatomy.view import body_at
from trainer.synthetic.colour import Picture, developed, to_srgb
from trainer.synthetic.noise import Field
from trainer.synthetic.props.choice import PROPS, Prop, lay_props
from trainer.synthetic.props.place import Place, Side
from trainer.synthetic.relief import scene as relief
from trainer.synthetic.relief.cells import cell_tile
from trainer.synthetic.relief.growth import REACH, grown

SEEDS = range(40)


@pytest.mark.parametrize("name", PROPS)
@pytest.mark.parametrize("side", list(Side))
def test_props_leave_the_middle_of_the_subject_free(name: str, side: Side) -> None:
    for seed in range(6):
        before = _grey_skin()
        after = before.copy()
        place = Place(0.5, 0.5, 10.0, 6.0)
        for upon_skin in (True, False):
            lay_props(after, (Prop(name, side, 0.4, 1.0, seed),), place, upon_skin=upon_skin)
        middle = (slice(100, 140), slice(140, 180))
        assert np.array_equal(after[middle], before[middle])


@pytest.mark.parametrize("name", PROPS)
def test_each_prop_can_be_seen(name: str) -> None:
    changed = 0.0
    for seed in range(4):
        before = _grey_skin()
        after = before.copy()
        for upon_skin in (True, False):
            lay_props(after, (Prop(name, Side.BOTTOM, 0.4, 1.0, seed),), Place(0.5, 0.4, 8.0, 6.0), upon_skin=upon_skin)
        changed = max(changed, float((np.abs(after - before).max(axis=2) > 0.05).mean()))
    assert changed > 0.002


def test_a_prop_without_room_is_left_away() -> None:
    picture = _grey_skin()
    lay_props(picture, (Prop("ruler", Side.LEFT, 0.4, 1.0, 1),), Place(0.2, 0.5, 30.0, 6.0), upon_skin=False)
    assert np.array_equal(picture, _grey_skin())


@given(st.integers(0, 2**31), st.integers(8, 300), st.integers(1, 8), st.floats(0, 0.4))
@settings(max_examples=40, deadline=None)
def test_a_grown_shape_has_the_area_of_its_circle(seed: int, side: int, lobes: int, ragged: float) -> None:
    distance = grown(np.random.default_rng(seed), side, lobes, ragged)
    assert np.isfinite(distance).all()
    inside = float((distance < 1).mean())
    assert inside == pytest.approx(math.pi / (2 * REACH) ** 2, abs=0.03)


@given(st.integers(0, 2**31), st.floats(0, 0.5))
@settings(max_examples=40, deadline=None)
def test_an_outline_has_the_area_of_its_circle(seed: int, wobble: float) -> None:
    radii = outline(np.random.default_rng(seed), wobble)
    assert float(np.mean(radii**2)) == pytest.approx(1)
    assert radii.min() > 0.1


def test_a_tile_of_cells_repeats_without_a_seam() -> None:
    tile = cell_tile(np.random.default_rng(1), 12)
    steps = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 2 * steps
    assert np.abs(tile[0] - tile[-1]).mean() < 2 * steps


def test_tones_of_every_typology_occur() -> None:
    rng = np.random.default_rng(2)
    skins = [any_skin(rng) for _ in range(300)]
    angles = [math.degrees(math.atan2(skin.lightness - 50, skin.b)) for skin in skins]
    counts, _ = np.histogram(angles, bins=[-90, -30, 10, 28, 41, 55, 90])
    assert counts.min() >= 10
    assert min(angles) >= DARKEST_ITA - 1
    assert max(angles) <= LIGHTEST_ITA + 1


def test_melanin_of_every_phototype_occurs() -> None:
    melanin = [relief.usable(seed).complexion.melanin for seed in range(80)]
    assert min(melanin) < 0.06
    assert max(melanin) > 0.9


def test_a_lab_colour_comes_out_as_it_should() -> None:
    assert to_srgb(linear(Lab(53.24, 80.09, 67.2)))[0] == pytest.approx(255, abs=2)
    assert linear(Lab(100, 0, 0)) == pytest.approx(1, abs=0.01)


def test_developing_by_table_is_within_a_level_of_the_formula() -> None:
    ramp = np.linspace(0, 1.2, 3000, dtype=np.float32).reshape(1000, 1, 3)
    exact = to_srgb(ramp).astype(int)
    assert np.abs(developed(ramp.copy(), lambda light: light, 2.0).astype(int) - exact).max() <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_subject_lies_on_the_body(seed: int) -> None:
    rng = np.random.default_rng(seed)
    part = any_part(rng)
    x, y = point_on(part, rng)
    assert inside_mm(part, _one(x), _one(y))[0] > 0
    view = anatomy.SCENES["usable"](seed, (640, 480))
    for lesion in view.lesions:
        at = _one(lesion.x), _one(lesion.y)
        assert body_at(view.framing, *at, (640, 480))[0] > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_lesions_are_as_large_as_their_kind_of_scene_says(seed: int) -> None:
    """Shares of the short side: a usable subject is large, a distant one a dot, a rash has many."""
    size = (640, 480)
    near, far = relief.usable(seed), relief.distant(seed)
    assert 0.15 < near.spots[-1].diameter_mm / near.field_mm < 0.6
    assert far.spots[-1].diameter_mm / far.field_mm < 0.06
    assert len(relief.scattered(seed).spots) >= 14
    body_near, body_far = (anatomy.SCENES[kind](seed, size) for kind in ("usable", "lesion_too_small"))
    assert 0.12 < body_near.lesions[-1].diameter_mm / body_near.framing.field_mm < 0.6
    assert body_far.lesions[-1].diameter_mm / body_far.framing.field_mm < 0.06
    assert len(anatomy.SCENES["scattered_lesions"](seed, size).lesions) >= 12


def _one(value: float) -> Field:
    return np.array([value], dtype=np.float32)


def _grey_skin() -> Picture:
    return np.full((240, 320, 3), (0.5, 0.35, 0.28), dtype=np.float32)
