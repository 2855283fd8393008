"""Regions and viewports: shape kept, mirrored, cut at the edges, refused outside of them."""

import numpy as np
import pytest
from PIL import Image

from dicomweb.query import QueryError
from dicomweb.rendering.parameters import Region, Viewport
from dicomweb.rendering.placing import place, placed

SIZE = (64, 48)


@pytest.mark.parametrize(
    ("viewport", "size"),
    [((32, 32), (32, 24)), ((32, 12), (16, 12)), ((128, 128), (128, 96)), ((1, 1), (1, 1)), ((1000, 48), (64, 48))],
)
def test_a_picture_fits_into_its_viewport_and_keeps_its_shape(viewport: tuple[int, int], size: tuple[int, int]) -> None:
    assert place(SIZE, None, Viewport(*viewport)).size == size


def test_an_open_edge_leaves_the_other_to_say_how_large() -> None:
    assert place(SIZE, None, Viewport(32, None)).size == (32, 24)
    assert place(SIZE, None, Viewport(None, 12)).size == (16, 12)


def test_a_thumbnail_is_never_larger_than_the_picture() -> None:
    assert place(SIZE, None, Viewport(256, 256), enlarge=False).size == SIZE


def test_a_region_is_cut_at_the_edges_and_refused_outside_of_them() -> None:
    assert place(SIZE, Region(32, 12, 100, 100), None).box == (32, 12, 64, 48)
    with pytest.raises(QueryError, match="region"):
        place(SIZE, Region(64, 0), None)


@pytest.mark.parametrize(("viewport", "reduction"), [((64, 48), 1), ((33, 33), 1), ((32, 24), 2), ((8, 6), 8)])
def test_a_decoder_may_reduce_as_far_as_a_pixel_is_left_for_each_made(
    viewport: tuple[int, int], reduction: int
) -> None:
    assert place(SIZE, None, Viewport(*viewport)).reduction() == reduction


def test_what_is_placed_is_the_region_mirrored() -> None:
    pixels = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64).astype(np.uint8)
    placing = place(SIZE, Region(10, 5, 20, 10, flipped_horizontally=True, flipped_vertically=True), None)
    made = np.asarray(placed(Image.fromarray(pixels), placing, SIZE))
    assert (made == pixels[5:15, 10:30][::-1, ::-1]).all()


def test_a_reduced_picture_is_placed_by_the_pixels_of_its_source() -> None:
    picture = Image.new("L", (8, 6))
    picture.paste(255, (4, 0, 8, 6))
    made = placed(picture, place(SIZE, Region(32, 0, 32, 48), Viewport(4, 6)), SIZE)
    assert np.asarray(made).min() == 255
