import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.explaining.planes import SIDE
from inference.explaining.region import LEAST_SHARE, MOST_SHARE, box_around_peak, level_of, region_of


def test_an_empty_map_has_no_region() -> None:
    plane = np.zeros((SIDE, SIDE), np.float32)
    assert not region_of(plane, level_of(plane)).any()
    assert box_around_peak(plane, level_of(plane)) is None


def test_the_box_lies_around_the_highest_part_alone() -> None:
    plane = np.zeros((SIDE, SIDE), np.float32)
    plane[10:20, 14:28] = 1
    plane[40:50, 40:50] = 0.9
    box = box_around_peak(plane, level_of(plane))
    assert box is not None
    assert (box.left, box.top, box.right, box.bottom) == (0.25, 0.1786, 0.5, 0.3571)


def test_a_map_that_is_high_everywhere_points_at_its_highest_part() -> None:
    plane = np.tile(np.linspace(0.8, 1, SIDE, dtype=np.float32), (SIDE, 1))
    region = region_of(plane, level_of(plane))
    assert region.mean() <= MOST_SHARE + 0.02
    assert region[:, -1].all()


def test_a_needle_gets_a_region_that_can_be_seen() -> None:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    plane = np.exp(-np.hypot(x - 20, y - 20)).astype(np.float32)
    assert region_of(plane, level_of(plane)).mean() >= LEAST_SHARE * 0.9


@given(arrays(np.float32, (SIDE, SIDE), elements=st.floats(0, 1, width=32)))
def test_whatever_the_map_the_box_holds_its_peak(plane: np.ndarray) -> None:
    region = region_of(plane, level_of(plane))
    box = box_around_peak(plane, level_of(plane))
    assert (box is None) == (not region.any())
    if box is not None:
        row, column = np.unravel_index(plane.argmax(), plane.shape)
        assert box.left <= (column + 0.5) / SIDE <= box.right
        assert box.top <= (row + 0.5) / SIDE <= box.bottom
