import numpy as np
import pytest

from inference.explaining.hiding import Hideable
from inference.explaining.planes import SIDE, across, enlarged, reducing
from inference.explaining.windows import painted, windows
from inference.patches import PatchPlan
from inference.preprocess import Tensor

PLAN = PatchPlan(5, 8)
NOTHING = np.zeros((1, SIDE, SIDE), np.float32)


def picture(size: int = 224) -> Tensor:
    """Skin with a black square at the top left."""
    whole = np.full((3, size, size), 0.7, np.float32)
    whole[:, size // 8 : size // 4, size // 8 : size // 4] = 0
    return whole


def over_the_square() -> Tensor:
    mask = NOTHING.copy()
    mask[0, 5:16, 5:16] = 1
    return mask


def test_a_picture_of_which_nothing_is_hidden_is_the_picture_itself() -> None:
    assert np.array_equal(Hideable(picture()).whole_without(NOTHING)[0], picture())


def test_what_is_hidden_leaves_no_trace() -> None:
    without = Hideable(picture()).whole_without(over_the_square())[0]
    assert np.abs(without - 0.7).max() < 0.02


def test_a_picture_that_is_hidden_whole_is_still_a_picture() -> None:
    without = Hideable(picture()).whole_without(np.ones_like(NOTHING))
    assert np.isfinite(without).all()
    assert without.min() >= 0
    assert without.max() <= 1


@pytest.mark.parametrize("size", [32, 150, 224, 384])
def test_any_size_of_picture_is_taken(size: int) -> None:
    assert Hideable(picture(size)).whole_without(windows(3)).shape == (9, 3, size, size)


def numbered_patches() -> Tensor:
    return np.broadcast_to(np.arange(5, dtype=np.float32)[:, None, None, None], (5, 3, 8, 8)).copy()


def test_a_hidden_patch_is_the_nearest_one_that_is_left() -> None:
    mask = NOTHING.copy()
    mask[0, :20] = 1  # the upper third, where the second patch lies; the first is in the middle
    patches = Hideable(picture(), numbered_patches(), PLAN).patches_without(mask)
    assert patches is not None
    assert patches[0, :, 0, 0, 0].tolist() == [0, 0, 2, 3, 4]


def test_patches_stay_where_all_of_them_would_be_hidden() -> None:
    patches = Hideable(picture(), numbered_patches(), PLAN).patches_without(np.ones_like(NOTHING))
    assert patches is not None
    assert patches[0, :, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]


def test_a_model_without_patches_gets_none() -> None:
    assert Hideable(picture()).patches_without(NOTHING) is None


@pytest.mark.parametrize("size", [32, 100, 224])
def test_to_make_small_and_large_again_keeps_what_is_even(size: int) -> None:
    plane = np.full((size, size), 0.4, np.float32)
    small = across(reducing(size), plane, reducing(size))
    assert small == pytest.approx(0.4, abs=1e-5)
    assert enlarged(small, size, size) == pytest.approx(0.4, abs=1e-5)


def test_a_plane_is_laid_over_a_picture_where_it_belongs() -> None:
    plane = np.zeros((SIDE, SIDE), np.float32)
    plane[14, 42] = 1
    row, column = np.unravel_index(enlarged(plane, 300, 800).argmax(), (300, 800))
    assert (row / 300, column / 800) == pytest.approx((14.5 / SIDE, 42.5 / SIDE), abs=0.01)


@pytest.mark.parametrize("count", [3, 5, 10])
def test_windows_leave_no_place_out(count: int) -> None:
    assert windows(count).sum(0).min() > 0.3
    assert painted(windows(count), np.ones(count**2, np.float32)) == pytest.approx(1, abs=1e-4)
