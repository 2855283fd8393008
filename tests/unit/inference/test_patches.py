from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.patches import PatchPlan, patch_centres


@pytest.mark.parametrize(
    ("count", "size", "centres"),
    [
        (0, 96, ()),
        (65, 96, ()),
        (5, 0, ()),
        (5, 225, ()),
        (2, 96, ((0.5, 0.5),)),
        (1, 96, ((0.5, 1.1),)),
        (1, 96, ((float("nan"), 0.5),)),
    ],
)
def test_a_plan_out_of_bounds_is_refused(count: int, size: int, centres: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="patch"):
        PatchPlan(count, size, centres)


def test_five_patches_are_the_middle_and_its_four_neighbours() -> None:
    assert patch_centres(5) == ((0.5, 0.5), (0.5, 0.2), (0.2, 0.5), (0.8, 0.5), (0.5, 0.8))


@given(st.integers(1, 64))
def test_centres_are_distinct_begin_in_the_middle_and_stay_in_the_inner_part(count: int) -> None:
    centres = patch_centres(count)
    assert centres[0] == (0.5, 0.5)
    assert len(set(centres)) == count
    assert all(0.2 <= value <= 0.8 for centre in centres for value in centre)


@given(st.integers(1, 64))
def test_centres_go_outwards(count: int) -> None:
    distances = [(x - 0.5) ** 2 + (y - 0.5) ** 2 for x, y in patch_centres(count)]
    assert all(near <= far + 1e-3 for near, far in pairwise(distances))
