import pytest

from gateway.conversion.jpeg_layout import read_layout
from gateway.conversion.jpeg_markers import JpegColor, color_of, exif_of, icc_of, stripped, with_icc
from tests.unit.conversion.samples import (
    SECRETS,
    cmyk_jpeg,
    decoded,
    exif,
    furthest,
    grey_scene,
    jpeg,
    segment,
    spoilt,
    with_segments,
)

JFIF = segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")


def adobe(transform: int) -> bytes:
    return segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00" + bytes((transform,)))


def bare(identifiers: bytes = b"\x01\x02\x03") -> bytes:
    """A picture of three components with neither JFIF nor Adobe."""
    components = b"".join(bytes((identifier, 0x11, 0)) for identifier in identifiers)
    selectors = b"".join(bytes((identifier, 0)) for identifier in identifiers)
    frame = segment(0xC0, bytes((8, 0, 8, 0, 8, len(identifiers))) + components)
    return b"\xff\xd8" + frame + segment(0xDA, bytes((len(identifiers),)) + selectors + b"\x00\x3f\x00") + b"\xff\xd9"


@pytest.mark.parametrize(
    ("data", "color"),
    [
        (bare(), JpegColor.YCBCR),
        (bare(b"RGB"), JpegColor.RGB),
        (bare(b"\x01"), JpegColor.GREY),
        (bare(b"\x01\x02"), JpegColor.TWO_COMPONENTS),
        (bare(b"CMYK"), JpegColor.CMYK),
        (with_segments(bare(), adobe(0)), JpegColor.RGB),
        (with_segments(bare(b"RGB"), adobe(1)), JpegColor.YCBCR),
        (with_segments(bare(), adobe(2)), JpegColor.YCBCR),
        (with_segments(bare(b"RGB"), JFIF), JpegColor.YCBCR),
        (with_segments(bare(), JFIF, adobe(0)), JpegColor.YCBCR),  # as libjpeg decodes it
        (jpeg(keep_rgb=True), JpegColor.RGB),
        (jpeg(), JpegColor.YCBCR),
        (cmyk_jpeg(), JpegColor.CMYK),
    ],
)
def test_the_colour_space_is_what_decoders_take_it_for(data: bytes, color: JpegColor) -> None:
    assert color_of(read_layout(data), data) is color


def test_an_adobe_segment_never_contradicts_the_colour_space() -> None:
    data = with_segments(bare(), JFIF, adobe(0))
    assert adobe(1) in stripped(read_layout(data), data)


@pytest.mark.parametrize("data", [jpeg(), jpeg(grey_scene()), jpeg(progressive=True), cmyk_jpeg(), jpeg(keep_rgb=True)])
def test_nothing_but_the_picture_survives_and_its_pixels_are_the_same(data: bytes) -> None:
    dirty = spoilt(data)
    clean = stripped(read_layout(dirty), dirty)
    assert not [secret for secret in SECRETS if secret in clean]
    assert clean.count(b"\xff\xd8") == 1
    assert furthest(decoded(clean), decoded(dirty)) == 0


def test_a_clean_picture_is_left_as_it_is() -> None:
    data = jpeg()
    assert stripped(read_layout(data), data) == data


def test_a_profile_of_several_chunks_comes_back_whole() -> None:
    profile = bytes(range(256)) * 600
    data = jpeg(icc_profile=profile)
    assert icc_of(read_layout(data), data) == profile
    again = with_icc(stripped(read_layout(data), data), profile)
    assert icc_of(read_layout(again), again) == profile
    assert furthest(decoded(again), decoded(data)) == 0


@pytest.mark.parametrize("chunks", [[b"\x01\x02a"], [b"\x02\x02a"], [b"\x01\x01"], [b"\x01\x01a", b"\x02\x01b"], [b""]])
def test_a_profile_that_is_not_whole_is_none(chunks: list[bytes]) -> None:
    data = with_segments(jpeg(), *(segment(0xE2, b"ICC_PROFILE\x00" + chunk) for chunk in chunks))
    assert icc_of(read_layout(data), data) is None


def test_exif_is_found_behind_other_segments_of_its_marker() -> None:
    data = with_segments(jpeg(), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00"), segment(0xE1, exif()))
    assert exif_of(read_layout(data), data) == exif()[6:]
    assert exif_of(read_layout(jpeg()), jpeg()) == b""
