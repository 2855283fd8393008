"""Pixels that are not square, as formats say it and as objects do (PS3.3 C.7.6.3, Pixel Aspect Ratio)."""

import io
import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import PhotoFacts
from gateway.conversion.jpeg_layout import read_layout
from gateway.conversion.jpeg_markers import density_of
from gateway.conversion.photo import photo_to_dicom
from gateway.conversion.pixel_aspect import aspect_of_densities
from tests.unit.conversion.object_kinds import PHOTO_CLASSES
from tests.unit.conversion.samples import CAMERA, exif, facts, jpeg, png, scene, segment, with_segments


def tiff(densities: tuple[float, float], **options: Any) -> bytes:
    target = io.BytesIO()
    Image.fromarray(scene()).convert("1").save(
        target, "TIFF", compression="group4", x_resolution=densities[0], y_resolution=densities[1],
        resolution_unit="inch", **options,
    )  # fmt: skip
    return target.getvalue()


def png_with_density(across: int, down: int, **options: Any) -> bytes:
    """A PNG that says nothing but the ratio."""
    made = png(scene(), dpi=(72, 72), **options)
    at = made.index(b"pHYs")
    body = b"pHYs" + struct.pack(">IIB", across, down, 0)
    target = bytearray(made)
    target[at : at + 13] = body
    target[at + 13 : at + 17] = zlib.crc32(body).to_bytes(4)
    return bytes(target)


def aspect(data: bytes) -> tuple[int, int] | None:
    """What the object says, height before width."""
    written = photo_to_dicom(clean_picture(data), facts(), PHOTO_CLASSES[0]).header.get("PixelAspectRatio")
    return None if written is None else (int(written[0]), int(written[1]))


@pytest.mark.parametrize(
    "data",
    [
        jpeg(),
        jpeg(dpi=(300, 300)),
        jpeg(dpi=(0, 72)),
        jpeg(dpi=(1, 65535)),
        jpeg(dpi=(11811, 11810)),
        png(scene()),
        png(scene(), dpi=(72, 72)),
        png_with_density(0, 0),
        png_with_density(0x7FFFFFFF, 1),
        tiff((300, 300)),
        tiff((0, 300)),
    ],
)
def test_square_pixels_and_densities_that_make_no_sense_are_not_told(data: bytes) -> None:
    assert aspect(data) is None


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (jpeg(dpi=(100, 50)), (2, 1)),
        (jpeg(dpi=(50, 100)), (1, 2)),
        (jpeg(dpi=(100, 50), exif=exif(6)), (1, 2)),
        (jpeg(dpi=(100, 50), exif=exif(3)), (2, 1)),
        (jpeg(scene(97, 143), dpi=(100, 50), exif=exif(8)), (1, 2)),
        (png_with_density(4, 3), (4, 3)),
        (png_with_density(4, 3, exif=exif(5)), (3, 4)),
        (tiff((204, 98)), (102, 49)),
        (tiff((204, 98), tiffinfo={274: 8}), (49, 102)),
    ],
)
def test_other_pixels_are_told_height_before_width_as_they_stand_upright(data: bytes, told: tuple[int, int]) -> None:
    assert aspect(data) == told


@pytest.mark.parametrize("sop_class", PHOTO_CLASSES)
def test_a_stated_spacing_says_it_already(sop_class: Any) -> None:
    picture = clean_picture(jpeg(dpi=(100, 50)))
    said = facts(device=CAMERA, photo=PhotoFacts(pixel_spacing_mm=(0.2, 0.1)))
    header = photo_to_dicom(picture, said, sop_class).header
    assert "PixelAspectRatio" not in header
    assert list(header.PixelSpacing) == [0.2, 0.1]
    header = photo_to_dicom(picture, replace(said, photo=PhotoFacts()), sop_class).header
    assert list(header.PixelAspectRatio) == [2, 1]


@pytest.mark.parametrize("size", [(96, 144), (97, 143)], ids=["coefficients moved", "coded anew"])
@pytest.mark.parametrize(("orientation", "told"), [(1, 2.0), (3, 2.0), (6, 0.5)])
def test_the_kept_jpeg_says_of_its_pixels_what_the_object_says(
    size: tuple[int, int], orientation: int, told: float
) -> None:
    stream = clean_picture(jpeg(scene(*size), dpi=(100, 50), exif=exif(orientation))).stream
    density = density_of(read_layout(stream), stream)
    assert density is not None
    assert density[0] / density[1] == told


def test_a_jpeg_that_is_kept_as_it_came_keeps_its_densities() -> None:
    data = jpeg(dpi=(100, 50))
    assert clean_picture(data).stream == data


def test_a_jpeg_without_densities_says_nothing_of_its_pixels() -> None:
    bare = jpeg(dpi=(100, 50))
    length = int.from_bytes(bare[4:6])
    without = bare[:2] + bare[4 + length :]
    assert aspect(with_segments(without, segment(0xE0, b"JFXX\x00\x10"))) is None
    assert aspect(with_segments(without, segment(0xE0, b"JFIF\x00\x01\x01"))) is None


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_any_densities_make_a_ratio_that_can_be_written_or_none(across: int, down: int) -> None:
    made = aspect_of_densities(across, down)
    if made is not None:
        assert made[0] / made[1] == pytest.approx(across / down, rel=1e-3)
        assert max(map(len, map(str, made))) <= 12
