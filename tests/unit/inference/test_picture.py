import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from inference.errors import NotAPicture, PictureError, TooManyPixels, TooSmall, TruncatedPicture, UnsupportedPicture
from inference.picture import Picture, decode_picture
from tests.unit.inference.pictures import encoded, gradient

MILLION = 1_000_000
JPEG = encoded(gradient(), "JPEG", quality=90)
PROGRESSIVE = encoded(gradient(), "JPEG", progressive=True)
PNG = encoded(gradient(), "PNG")


def decode(data: bytes) -> Picture:
    return decode_picture(data, max_pixels=MILLION)


def samples(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(picture.image)


def png_of(width: int, height: int, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """A PNG file that promises a size and holds whatever data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("data", [b"", b"\xff", b"hello", b"\x00" * 5000, JPEG[:3]], ids=repr)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises((NotAPicture, TruncatedPicture)):
        decode(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7 ", "PDF"),
        (b"\xff\x0a....", "JPEG XL"),
        (b"<svg xmlns=", "SVG"),
        (b"II+\0\x08\0\0\0", "BigTIFF"),
        (b"FUJIFILMCCD-RAW ", "Fujifilm RAW"),
        (b"\0\0\0\x18ftypcrx ", "Canon RAW"),
        (b"\0\0\0\x18ftypisom", "MP4 or MOV"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_another_kind_is_refused_by_its_name(data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedPicture, match=name):
        decode(data)


@pytest.mark.parametrize("file", [JPEG, PROGRESSIVE, PNG], ids=["jpeg", "progressive", "png"])
@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.9, 0.999])
def test_a_picture_cut_short_is_refused(file: bytes, part: float) -> None:
    with pytest.raises(TruncatedPicture):
        decode(file[: int(len(file) * part)])


@pytest.mark.parametrize("file", [JPEG, PROGRESSIVE, PNG], ids=["jpeg", "progressive", "png"])
def test_a_picture_cut_short_is_refused_whatever_pillow_was_told(file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(TruncatedPicture):
        decode(file[: len(file) * 2 // 3])


def test_damaged_png_data_are_refused() -> None:
    with pytest.raises(TruncatedPicture):
        decode(png_of(300, 300, data=b"\0" * 1000))


@pytest.mark.parametrize("size", [(1001, 1000), (60_000, 60_000)])
def test_too_many_pixels_are_refused_from_the_header(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("pixels were decoded"))
    with pytest.raises(TooManyPixels):
        decode(png_of(*size))


def test_pillows_own_pixel_limit_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert decode(JPEG).width == 320


@pytest.mark.parametrize("size", [(223, 400), (400, 223)])
def test_a_short_side_under_224_is_too_small(size: tuple[int, int]) -> None:
    with pytest.raises(TooSmall):
        decode(encoded(gradient(*size), "PNG"))


def test_a_short_side_of_224_is_enough() -> None:
    assert decode(encoded(gradient(224, 400), "PNG")).width == 224


def test_the_least_side_can_be_set_for_training() -> None:
    picture = decode_picture(encoded(gradient(100, 100), "JPEG"), max_pixels=MILLION, min_side=100)
    assert picture.height == 100


def test_a_frame_without_rows_is_no_picture() -> None:
    start = JPEG.index(b"\xff\xc0")
    with pytest.raises(PictureError):
        decode(JPEG[: start + 5] + b"\0\0" + JPEG[start + 7 :])


def test_twelve_bit_samples_are_unsupported() -> None:
    start = JPEG.index(b"\xff\xc0")
    with pytest.raises(UnsupportedPicture, match="12 bits"):
        decode(JPEG[: start + 4] + b"\x0c" + JPEG[start + 5 :])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (JPEG, "jpeg"),
        (PROGRESSIVE, "jpeg"),
        (PNG, "png"),
        *((encoded(gradient(), kind), kind.lower()) for kind in ("GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_format_is_told_by_content(data: bytes, name: str) -> None:
    picture = decode(data)
    assert (picture.format, picture.width, picture.height, picture.image.mode) == (name, 320, 240, "RGB")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_read_and_the_upright_size_told(kind: str, orientation: int) -> None:
    picture = decode(encoded(gradient(), kind, orientation=orientation))
    assert picture.orientation == orientation
    assert (picture.width, picture.height) == ((240, 320) if orientation >= 5 else (320, 240))
    assert picture.image.size == (320, 240)


@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0", b"Exif\0\0MM\0*", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"junk"],
)
def test_damaged_exif_leaves_the_picture_as_stored(exif: bytes) -> None:
    assert decode(encoded(gradient(), "JPEG", exif=exif)).orientation == 1


def test_a_palette_picture_without_its_palette_is_refused() -> None:
    with pytest.raises(TruncatedPicture, match="palette"):
        decode(png_of(230, 230, colour=3, data=bytes(231 * 230)))


def test_transparency_is_laid_over_white() -> None:
    image = Image.new("RGBA", (230, 230), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 115, 230))
    pixels = samples(decode(encoded(image, "PNG")))
    assert pixels[0, 0].tolist() == [0, 0, 255]
    assert pixels[0, -1].tolist() == [255, 255, 255]


def test_a_transparent_colour_is_laid_over_white() -> None:
    image = Image.new("RGB", (230, 230), (10, 20, 30))
    assert samples(decode(encoded(image, "PNG", transparency=(10, 20, 30))))[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("mode", "kind"), [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("L", "JPEG"), ("CMYK", "JPEG")]
)
def test_every_kind_of_samples_becomes_rgb(mode: str, kind: str) -> None:
    grey = Image.new("L", (230, 230), 255)
    grey.paste(0, (0, 0, 115, 230))
    pixels = samples(decode(encoded(grey.convert("RGB").convert(mode), kind)))
    assert pixels.shape == (230, 230, 3)
    assert pixels[100, 10].max() < 10
    assert pixels[100, 220].min() > 245


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (230, 1))
    pixels = samples(decode(encoded(Image.fromarray(ramp), "PNG")))
    assert pixels[0, 128].tolist() == [128, 128, 128]


def test_bytes_behind_the_picture_do_no_harm() -> None:
    assert decode(JPEG + b"\0" * 1000 + JPEG).width == 320
    assert decode(PNG + b"trailer").width == 320


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_spoilt_bytes_give_a_picture_or_a_picture_error(data: st.DataObject) -> None:
    """Nothing but a PictureError ever comes out, whatever bytes are changed, cut or put in."""
    spoilt = bytearray(data.draw(st.sampled_from([JPEG, PROGRESSIVE, PNG])))
    for _ in range(data.draw(st.integers(1, 6))):
        # Headers matter most, so half of the changes fall there.
        place = data.draw(st.integers(0, 700) | st.integers(0, len(spoilt) - 1))
        spoilt[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    with suppress(PictureError):
        assert decode(bytes(spoilt)).image.mode == "RGB"
