import io

import numpy as np
import pytest
from PIL import Image

from gateway.explanation.colours import painted, ramp
from gateway.explanation.legend import Legend, is_drawable
from gateway.explanation.overlay import LEAST_SIDE, MOST_SIDE, as_png, heat, overlay, shown_size
from inference.explaining.planes import SIDE
from inference.preprocess import Tensor

LEGEND = Legend("What it tells, in words.", "What it is not.", ("little", "most"))


def spot(row: int = 14, column: int = 42) -> Tensor:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    plane: Tensor = np.exp(-((x - column) ** 2 + (y - row) ** 2) / 60).astype(np.float32)
    return plane


def photo(width: int = 800, height: int = 600) -> Image.Image:
    return Image.new("RGB", (width, height), (205, 160, 140))


def test_each_step_of_the_colours_is_brighter_than_the_last() -> None:
    light = ramp().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) >= -0.5).all()
    assert light[-1] - light[0] > 150


def test_the_colours_are_told_apart_without_red_and_green() -> None:
    # What is left to who does not tell red from green: blue against the mean of the other two, and brightness.
    left = ramp().astype(float)
    steps = np.stack([left[:, 2], left[:, :2].mean(1)], axis=1)[::51]
    apart = np.linalg.norm(steps[:, None] - steps[None], axis=2) + np.eye(len(steps)) * 1000
    assert apart.min() > 25


def test_what_matters_little_is_not_painted() -> None:
    assert painted(np.zeros((2, 2), np.float32))[..., 3].max() == 0
    alpha = painted(np.linspace(0, 1, 50, dtype=np.float32)[None])[0, :, 3].astype(int)
    assert (np.diff(alpha) >= 0).all()
    assert 80 < alpha[-1] < 200


@pytest.mark.parametrize(("size", "shown"), [
    ((300, 300), (LEAST_SIDE, LEAST_SIDE)), ((800, 600), (800, 600)), ((4000, 3000), (MOST_SIDE, 960)),
    ((20000, 224), (MOST_SIDE, 14)), ((1, 60000), (1, MOST_SIDE)),
])  # fmt: skip
def test_whatever_the_photo_the_drawing_has_a_size_for_screens(size: tuple[int, int], shown: tuple[int, int]) -> None:
    assert shown_size(*size) == shown


def test_a_map_lies_where_it_belongs_whatever_the_photos_shape() -> None:
    alpha = np.asarray(heat(spot(), (900, 300)))[..., 3]
    row, column = np.argwhere(alpha == alpha.max()).mean(0)
    assert (row / 300, column / 900) == pytest.approx((14.5 / SIDE, 42.5 / SIDE), abs=0.01)


def test_the_photo_is_left_as_it_is_where_the_map_says_nothing() -> None:
    shown = np.asarray(overlay(photo(), spot(), 0.4, LEGEND))
    assert (shown[300:600, :300] == [205, 160, 140]).all()
    assert (shown[:300, 400:] != [205, 160, 140]).any()


def test_the_region_is_outlined() -> None:
    shown = np.asarray(overlay(photo(), spot(), 0.4, LEGEND))[:600]
    assert (shown.min(2) > 235).any()


def test_without_a_map_nothing_is_painted_and_the_words_stand_all_the_same() -> None:
    shown = np.asarray(overlay(photo(), None, 1.0, Legend("No clear region.", "A hint.")))
    assert (shown[:600] == [205, 160, 140]).all()
    assert shown[600:].min() < 100
    assert np.asarray(heat(None, (80, 60)))[..., 3].max() == 0


@pytest.mark.parametrize("size", [(640, 480), (1280, 960), (300, 2000)])
def test_long_words_are_wrapped_and_cut_nowhere(size: tuple[int, int]) -> None:
    short = overlay(photo(*size), None, 1.0, LEGEND)
    long = overlay(
        photo(*size), None, 1.0, Legend("A sentence that goes on. " * 12, "What it is not. " * 12, ("low", "high"))
    )
    assert long.width == short.width
    assert long.height > short.height
    edge = np.asarray(long)[shown_size(*size)[1] :, -3:]
    assert edge.min() > 200


def test_a_drawing_is_a_png() -> None:
    drawn = Image.open(io.BytesIO(as_png(heat(spot(), (64, 48)))))
    assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGBA", (64, 48))


def test_letters_that_no_font_has_are_told() -> None:
    assert is_drawable("Latin letters, 63 %")
    assert not is_drawable("\U000fffff")
