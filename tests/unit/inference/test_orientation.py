import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from inference.orientation import orientation_of, stored_box, turn, turned_size
from tests.unit.inference.pictures import gradient


@pytest.mark.parametrize("value", [b"", b"Exif\0\0", b"II*\0", b"MM\0*\0\0\0\x08\0\x01"])
def test_without_a_readable_block_the_picture_is_upright(value: bytes) -> None:
    assert orientation_of(value) == 1


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_values_outside_1_to_8_mean_upright(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    assert orientation_of(exif.tobytes()[6:]) == 1


@pytest.mark.parametrize("endian", ["<", ">"])
def test_both_byte_orders_are_read(endian: str) -> None:
    exif = Image.Exif()
    exif.endian = endian
    exif[0x010F] = "Maker"
    exif[0x0112] = 6
    assert orientation_of(exif.tobytes()[6:]) == 6


def test_a_long_list_that_leads_nowhere_ends() -> None:
    assert orientation_of(b"MM\0*\0\0\0\x08\xff\xff" + b"\0" * 12 * 70_000) == 1


@given(st.binary(max_size=200))
def test_any_block_gives_1_to_8(block: bytes) -> None:
    assert orientation_of(b"II*\0" + block) in range(1, 9)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_agrees_with_pillow(orientation: int) -> None:
    image = gradient(30, 20)
    image.getexif()[0x0112] = orientation
    upright = ImageOps.exif_transpose(image)
    turned = turn(image, orientation)
    assert turned.size == turned_size(30, 20, orientation)
    assert np.array_equal(np.asarray(turned), np.asarray(upright))


@pytest.mark.parametrize("orientation", range(1, 9))
@given(left=st.integers(0, 15), top=st.integers(0, 15))
def test_a_box_cut_from_the_stored_picture_shows_the_same_as_from_the_upright(
    orientation: int, left: int, top: int
) -> None:
    image = gradient(30, 20)
    box = (left, top, left + 4, top + 5)
    stored = image.crop(stored_box(box, orientation, *image.size))
    assert np.array_equal(np.asarray(turn(stored, orientation)), np.asarray(turn(image, orientation).crop(box)))
