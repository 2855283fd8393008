"""Headers of stored JPEGs: cleaned of what turns or tells, the coded picture untouched."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from dicomweb.rendering.jpeg_stream import clean_header, profile_segments, read_jpeg_header
from dicomweb.rendering.parameters import ColorProfile
from dicomweb.rendering.profiles import profile_of
from tests.unit.dicomweb.samples import jpeg

PROFILE = profile_of(ColorProfile.DISPLAY_P3)


def photo_with_everything() -> bytes:
    """A JPEG with EXIF that turns it, a comment and a profile."""
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = "Hong Gildong"
    picture = Image.linear_gradient("L").convert("RGB").resize((40, 30))
    picture.save(buffer, "JPEG", exif=exif, comment=b"Hong Gildong", icc_profile=PROFILE)
    return buffer.getvalue()


def cleaned(data: bytes, profile: bytes | None = None, *, keep_profile: bool = True) -> bytes:
    header = read_jpeg_header(data)
    assert header is not None
    return clean_header(header, profile, keep_profile=keep_profile) + data[header.end :]


def test_exif_and_comments_go_and_not_a_pixel_changes() -> None:
    data = photo_with_everything()
    assert b"Hong" in data
    made = cleaned(data)
    assert b"Hong" not in made
    before, after = Image.open(BytesIO(data)), Image.open(BytesIO(made))
    assert not after.getexif()
    assert after.info["icc_profile"] == PROFILE
    assert ImageChops.difference(before, after).getbbox() is None


def test_a_profile_is_embedded_where_there_is_none_and_taken_out_where_none_is_wanted() -> None:
    assert Image.open(BytesIO(cleaned(jpeg(), PROFILE))).info["icc_profile"] == PROFILE
    assert "icc_profile" not in Image.open(BytesIO(cleaned(photo_with_everything(), keep_profile=False))).info


def test_a_large_profile_takes_several_segments() -> None:
    profile = PROFILE.ljust(200_000, b"\0")
    assert len(profile_segments(profile)) == 4
    assert Image.open(BytesIO(cleaned(jpeg(), profile))).info["icc_profile"] == profile
    assert profile_segments(bytes(20_000_000)) == []


@pytest.mark.parametrize("end", [0, 1, 2, 3, 10, 60])
def test_a_header_that_is_cut_is_none(end: int) -> None:
    assert read_jpeg_header(jpeg()[:end]) is None


@given(st.binary(max_size=200))
def test_whatever_the_bytes_a_header_is_read_or_none(data: bytes) -> None:
    read_jpeg_header(b"\xff\xd8" + data)


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_byte_is_read_or_none(position: int, value: int) -> None:
    data = bytearray(photo_with_everything())
    data[position] = value
    header = read_jpeg_header(bytes(data))
    if header is not None:
        assert clean_header(header, None, keep_profile=True)[:2] == b"\xff\xd8"
