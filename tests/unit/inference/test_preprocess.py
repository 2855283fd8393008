import numpy as np
import pytest
from PIL import Image, ImageOps

from inference.errors import TooSmall
from inference.patches import PatchPlan
from inference.picture import Picture, decode_picture
from inference.prepared import PreparedPicture
from inference.preprocess import SQUASH, native_patches, whole_image
from tests.unit.inference.pictures import encoded, gradient


def picture_of(image: Image.Image, orientation: int = 1) -> Picture:
    return decode_picture(encoded(image, "PNG", orientation=orientation), max_pixels=10**7)


def test_a_picture_smaller_than_a_patch_is_refused() -> None:
    picture = decode_picture(encoded(gradient(100, 300), "PNG"), max_pixels=10**6, min_side=1)
    with pytest.raises(TooSmall):
        native_patches(picture, PatchPlan(1, 101))


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(KeyError):
        whole_image(picture_of(gradient()), 224, "crop")


def test_the_whole_image_is_channels_first_in_0_to_1() -> None:
    tensor = whole_image(picture_of(gradient(900, 600)), 224)
    assert tensor.shape == (3, 224, 224)
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous
    assert 0 <= tensor.min() < 0.01
    assert 0.99 < tensor.max() <= 1


def test_white_is_one_and_black_is_zero() -> None:
    assert whole_image(picture_of(Image.new("RGB", (300, 300), "white")), 64).min() == 1
    assert whole_image(picture_of(Image.new("RGB", (300, 300))), 64).max() == 0


def test_nothing_is_cut_off_and_channels_keep_their_order() -> None:
    red, green, _ = whole_image(picture_of(gradient(900, 600)), 90)
    assert red[:, 0].max() < 0.02
    assert red[:, -1].min() > 0.98
    assert green[0].max() < 0.02
    assert green[-1].min() > 0.98


def test_shrinking_averages_all_pixels() -> None:
    """A fine checkerboard turns grey; skipping pixels would leave black and white."""
    board = np.indices((800, 800)).sum(axis=0) % 2 * 255
    tensor = whole_image(picture_of(Image.fromarray(board.astype(np.uint8))), 100)
    assert np.abs(tensor - 0.5).max() < 0.02


@pytest.mark.parametrize("size", [(640, 480), (1000, 333), (2401, 1801), (4032, 3024), (3000, 4001)])
def test_the_mode_is_what_pillow_gives_in_one_thread(size: tuple[int, int]) -> None:
    """Models were fitted on `squash-1` as Pillow's own resize has it; two threads must not change a sample."""
    noise = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(noise)
    whole = image.resize((224, 224), Image.Resampling.BILINEAR, reducing_gap=2.0)
    ours = whole_image(Picture(image, 1, *size, "png"), 224)
    assert np.array_equal(np.round(ours * 255).astype(np.uint8), np.asarray(whole).transpose(2, 0, 1))


def test_patches_are_the_pictures_own_pixels() -> None:
    image = gradient(640, 480)
    patches = native_patches(picture_of(image), PatchPlan(5, 96))
    centre = np.asarray(image.crop((272, 192, 368, 288))).transpose(2, 0, 1) / 255
    assert patches.shape == (5, 3, 96, 96)
    assert patches.dtype == np.float32
    assert np.allclose(patches[0], centre)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_patches_of_a_turned_picture_are_those_of_the_upright_one(orientation: int) -> None:
    turned = picture_of(gradient(640, 480), orientation)
    upright = picture_of(_upright(turned))
    plan = PatchPlan(9, 64)
    assert np.array_equal(native_patches(turned, plan), native_patches(upright, plan))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_whole_of_a_turned_picture_is_that_of_the_upright_one(orientation: int) -> None:
    turned = picture_of(gradient(640, 480), orientation)
    upright = picture_of(_upright(turned))
    assert np.abs(whole_image(turned, 64) - whole_image(upright, 64)).max() < 0.02


def _upright(picture: Picture) -> Image.Image:
    image = picture.image.copy()
    image.getexif()[0x0112] = picture.orientation
    return ImageOps.exif_transpose(image)


def test_a_patch_at_the_edge_is_moved_inside() -> None:
    plan = PatchPlan(2, 100, ((0.0, 0.0), (1.0, 1.0)))
    first, last = native_patches(picture_of(gradient(640, 480)), plan)
    assert first[0, 0, 0] == 0
    assert last[0, -1, -1] == 1


def test_what_was_prepared_is_not_prepared_again() -> None:
    prepared = PreparedPicture(picture_of(gradient()))
    assert prepared.whole(224) is prepared.whole(224, SQUASH)
    assert prepared.whole(224) is not prepared.whole(64)
    assert prepared.patches(PatchPlan(2, 32)) is prepared.patches(PatchPlan(2, 32))


def test_what_was_prepared_cannot_be_changed_by_a_model() -> None:
    with pytest.raises(ValueError, match="read-only"):
        PreparedPicture(picture_of(gradient())).whole(64)[:] = 0
