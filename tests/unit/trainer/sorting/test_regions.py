"""Connected regions, against a slow and plain way to find them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from trainer.sorting.regions import regions_of


def flooded(mask: NDArray[np.bool_]) -> list[int]:
    """Areas of the 8-connected regions, by flooding."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    areas = []
    while left:
        wave, area = [left.pop()], 0
        while wave:
            y, x = wave.pop()
            area += 1
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            wave += near
        areas.append(area)
    return sorted(areas, reverse=True)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans()))
@settings(max_examples=150, deadline=None)
def test_regions_are_those_that_flooding_finds(mask: NDArray[np.bool_]) -> None:
    plane, regions = regions_of(mask)
    assert [one.area for one in regions] == flooded(mask)
    assert ((plane > 0) == mask).all()
    for one in regions:
        rows, columns = np.nonzero(plane == one.label)
        assert (one.left, one.right) == (columns.min(), columns.max() + 1)
        assert (one.top, one.bottom) == (rows.min(), rows.max() + 1)
        assert (one.centre_x, one.centre_y) == pytest.approx((columns.mean(), rows.mean()))


def test_small_regions_are_left_out() -> None:
    mask = np.zeros((5, 9), dtype=bool)
    mask[1, 1] = mask[3, 4:8] = True
    assert [one.area for one in regions_of(mask, least_area=2)[1]] == [4]
