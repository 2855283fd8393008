import io
import resource
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import turbojpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import (
    DamagedPictureError,
    PictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
    UnsupportedFormatError,
)
from gateway.conversion.icc import kept_profile
from gateway.conversion.jpeg_layout import read_layout
from gateway.conversion.jpeg_markers import icc_of
from gateway.conversion.orientation import TURNS
from inference.formats.samples import managed
from inference.picture import decode_picture
from tests.unit.conversion.samples import (
    SECRETS,
    Pixels,
    cmyk_jpeg,
    coded_jpeg,
    decoded,
    display_profile,
    exif,
    furthest,
    grey_scene,
    jpeg,
    png,
    scene,
    segment,
    spoilt,
    table_profile,
    with_segments,
)


def turned(orientation: int, pixels: Pixels) -> Pixels:
    """A stored picture that becomes `pixels` when it is turned as this orientation says."""
    found = [np.ascontiguousarray(stored) for stored in _ways(pixels) if _becomes(orientation, stored, pixels)]
    return found[0]


def _ways(pixels: Pixels) -> list[Pixels]:
    return [turn.pixels(pixels) for turn in TURNS.values()]


def _becomes(orientation: int, stored: Pixels, pixels: Pixels) -> bool:
    return np.array_equal(TURNS[orientation].pixels(stored), pixels)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"%PDF-1.7", b"\x00\x00\x00\x18ftypisom", b"<svg/>"])
def test_what_is_no_picture_that_is_taken_is_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedFormatError) as refusal:
        clean_picture(data)
    assert refusal.value.code == "unsupported_format"


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooManyPixelsError):
        clean_picture(jpeg(scene(96, 144), progressive=True), max_pixels=96 * 144 - 1)
    bomb = bytearray(jpeg(progressive=True))
    at = bomb.index(b"\xff\xc2") + 5
    bomb[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(TooManyPixelsError):
        clean_picture(bytes(bomb))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": exif(6)}, {"keep_rgb": True}])
def test_a_picture_that_is_cut_short_is_damaged(options: dict[str, Any]) -> None:
    data = jpeg(**options)
    for length in (len(data) // 2, len(data) - 40, len(data) - 2):
        with pytest.raises(DamagedPictureError):
            clean_picture(data[:length])


def test_half_a_scan_with_an_end_marker_is_never_turned_as_if_whole() -> None:
    data = jpeg(exif=exif(6))
    with pytest.raises(DamagedPictureError):
        clean_picture(data[: len(data) * 2 // 3] + b"\xff\xd9")


def test_lossless_jpeg_is_refused_as_a_coding() -> None:
    with pytest.raises(UnsupportedCodingError):
        clean_picture(coded_jpeg(lossless=True))


def test_twelve_bits_are_refused_as_a_coding() -> None:
    data = bytearray(jpeg())
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(UnsupportedCodingError, match="12 bits"):
        clean_picture(bytes(data))


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4"])
@pytest.mark.parametrize("size", [(96, 144), (97, 143), (1, 1), (16, 7)])
def test_upright_baseline_keeps_its_very_bytes(subsampling: str, size: tuple[int, int]) -> None:
    data = jpeg(scene(*size), subsampling=subsampling)
    picture = clean_picture(data)
    assert picture.stream == data
    assert (picture.rows, picture.columns, picture.samples) == (*size, 3)
    assert (picture.photometric_interpretation, picture.derived, picture.derivation) == ("YBR_FULL_422", False, "")
    assert [round(step.ratio, 2) for step in picture.lossy] == [round(size[0] * size[1] * 3 / len(data), 2)]


def test_grey_stays_grey() -> None:
    picture = clean_picture(jpeg(grey_scene(), exif=exif(1), icc_profile=display_profile()))
    assert (picture.samples, picture.photometric_interpretation) == (1, "MONOCHROME2")
    assert picture.color.icc_profile is None
    assert b"ICC_PROFILE" not in picture.stream


@pytest.mark.parametrize(
    "data",
    [
        jpeg(progressive=True),
        jpeg(grey_scene(), progressive=True),
        coded_jpeg(arithmetic=True),
        jpeg().replace(b"\xff\xc0", b"\xff\xc1", 1),
    ],
    ids=["progressive", "grey", "arithmetic", "extended"],
)
def test_other_codings_of_the_same_coefficients_become_baseline_without_loss(data: bytes) -> None:
    picture = clean_picture(data)
    assert read_layout(picture.stream).frame.process == 0
    theirs = np.asarray(turbojpeg.decompress(data)).reshape(decoded(picture.stream).shape)
    assert furthest(decoded(picture.stream), theirs) == 0
    assert not picture.derived
    assert "without loss" in picture.derivation


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4", "grey"])
def test_a_turned_picture_of_whole_blocks_is_turned_without_loss(orientation: int, subsampling: str) -> None:
    upright = grey_scene() if subsampling == "grey" else scene()
    options = {} if subsampling == "grey" else {"subsampling": subsampling}
    data = jpeg(turned(orientation, upright), exif=exif(orientation), **options)
    picture = clean_picture(data)
    assert (picture.rows, picture.columns) == upright.shape[:2]
    assert furthest(decoded(picture.stream), decoded(data, upright=True)) <= 3
    assert not picture.derived
    assert f"orientation {orientation}" in picture.derivation
    assert len(picture.lossy) == 1


@pytest.mark.parametrize("orientation", [2, 3, 4, 6, 7, 8])
@pytest.mark.parametrize("pixels", [scene(97, 143), grey_scene(97, 143)], ids=["colour", "grey"])
def test_a_turn_that_would_lose_an_edge_is_coded_anew_and_says_so(orientation: int, pixels: Pixels) -> None:
    data = jpeg(turned(orientation, pixels), exif=exif(orientation))
    picture = clean_picture(data)
    assert (picture.rows, picture.columns) == pixels.shape[:2]
    difference = np.abs(decoded(picture.stream).astype(int) - decoded(data, upright=True).astype(int))
    assert difference.mean() < 1
    assert picture.derived
    assert "coded anew" in picture.derivation
    assert len(picture.lossy) == 2


def test_an_arithmetic_picture_that_must_be_coded_anew_is_decoded_too() -> None:
    exif_segment = segment(0xE1, exif(6))
    source = turbojpeg.compress(scene(97, 143), quality=90, subsamp=turbojpeg.SAMP.Y420, arithmetic=True)
    picture = clean_picture(with_segments(source, exif_segment))
    assert (picture.rows, picture.columns, picture.derived) == (143, 97, True)
    assert furthest(decoded(picture.stream), np.rot90(np.asarray(turbojpeg.decompress(source)), -1)) <= 8


def test_failures_do_not_eat_memory() -> None:
    data = jpeg(scene(480, 640), exif=exif(6), keep_rgb=True)
    broken = data[: len(data) * 2 // 3] + b"\xff\xd9"
    sizes = []
    for _ in range(3):
        for _ in range(40):
            with pytest.raises(DamagedPictureError):
                clean_picture(broken)
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    assert sizes[-1] - sizes[0] < 20_000_000  # one decoded picture is 0.9 MB


def test_a_transposed_picture_of_any_size_is_turned_without_loss() -> None:
    data = jpeg(turned(5, scene(97, 143)), exif=exif(5))
    picture = clean_picture(data)
    assert not picture.derived
    assert furthest(decoded(picture.stream), decoded(data, upright=True)) <= 3


@pytest.mark.parametrize("data", [jpeg(keep_rgb=True), cmyk_jpeg()], ids=["RGB", "CMYK"])
def test_components_that_dicom_does_not_take_become_ycbcr(data: bytes) -> None:
    picture = clean_picture(data)
    assert (picture.photometric_interpretation, picture.samples, picture.derived) == ("YBR_FULL_422", 3, True)
    assert furthest(decoded(picture.stream), decoded(data)) <= 8
    assert len(picture.lossy) == 2
    assert "converted to YCbCr" in picture.derivation


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"keep_rgb": True}, {"subsampling": "4:4:4"}])
@pytest.mark.parametrize("size", [(96, 144), (97, 143)])
def test_nothing_planted_survives(options: dict[str, Any], size: tuple[int, int]) -> None:
    for orientation in (1, 3, 6):
        picture = clean_picture(spoilt(jpeg(scene(*size), exif=exif(orientation, secrets=True), **options)))
        kept = picture.stream + repr(picture).encode()
        assert not [secret for secret in SECRETS if secret in kept]
        assert picture.stream.count(b"\xff\xd8\xff") == 1
        assert b"Exif" not in picture.stream


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("size", [(96, 144), (97, 143)])
def test_the_profile_stays_in_the_stream_and_is_told_to_dicom_as_of_an_input_device(
    orientation: int, size: tuple[int, int]
) -> None:
    profile = display_profile("P3")
    picture = clean_picture(jpeg(scene(*size), icc_profile=profile, exif=exif(orientation)))
    assert icc_of(read_layout(picture.stream), picture.stream) == kept_profile(profile)
    assert picture.color.icc_profile is not None
    assert picture.color.icc_profile[12:16] == b"scnr"
    assert picture.color.space is None


@pytest.mark.parametrize("profile", [b"", display_profile()])
def test_nothing_hides_where_a_profile_should_be(profile: bytes) -> None:
    picture = clean_picture(jpeg(icc_profile=profile + b"PLANTED-SECRET" * 20))
    assert b"PLANTED-SECRET" not in picture.stream
    assert (kept_profile(profile) or b"") in picture.stream


@pytest.mark.parametrize("padding", [0, 1 << 20])
def test_the_profile_of_cmyk_is_used_however_large_it_is(padding: int) -> None:
    """Those of presses are of some megabytes."""
    image = Image.fromarray(scene()).convert("CMYK")
    target = io.BytesIO()
    image.save(target, "JPEG", quality=95, icc_profile=table_profile(4, padding=padding))
    pixels = decoded(clean_picture(target.getvalue()).stream)
    expected = managed(JpegImageFile(io.BytesIO(target.getvalue())), table_profile(4))
    assert expected is not None
    assert furthest(pixels, np.asarray(expected)) <= 8
    seen = decode_picture(target.getvalue(), max_pixels=10**6, min_side=1)
    assert furthest(np.asarray(expected), np.asarray(seen.image)) == 0


def test_a_scan_too_short_for_its_blocks_is_damaged() -> None:
    """A header may promise any size."""
    data = jpeg(scene(16, 16))
    at = data.index(b"\xff\xc0") + 5
    vast = data[:at] + struct.pack(">HH", 8000, 8000) + data[at + 4 :]
    with pytest.raises(DamagedPictureError, match="coded data"):
        clean_picture(vast)
    start = read_layout(data).segments[-1].start
    empty = data[: start + 14] + b"\xff\xd9"
    with pytest.raises(DamagedPictureError, match="coded data"):
        clean_picture(empty)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("size", [(1, 1), (8, 8), (9, 17), (480, 640)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_the_emptiest_picture_there_can_be_is_not_too_short(
    subsampling: str, size: tuple[int, int], value: int
) -> None:
    flat = np.full((*size, 3), value, np.uint8)
    for pixels in (flat, flat[..., 0]):
        options = {"optimize": True} | ({"subsampling": subsampling} if pixels.ndim == 3 else {})
        assert clean_picture(jpeg(pixels, **options)).rows == size[0]


@pytest.mark.parametrize("marker", [0xDB, 0xC4])
def test_a_picture_without_its_tables_is_damaged(marker: int) -> None:
    data = jpeg()
    segments = read_layout(data).segments
    parts = [data[s.start : s.end] for s in segments if s.marker != marker]
    with pytest.raises(DamagedPictureError, match="table"):
        clean_picture(b"\xff\xd8" + b"".join(parts) + b"\xff\xd9")


def test_a_table_behind_the_scan_that_needs_it_is_none() -> None:
    data = jpeg()
    segments = sorted(read_layout(data).segments, key=lambda s: (s.marker == 0xC4, s.start))
    with pytest.raises(DamagedPictureError, match="table"):
        clean_picture(b"\xff\xd8" + b"".join(data[s.start : s.end] for s in segments) + b"\xff\xd9")


def test_tables_behind_the_last_scan_are_gone() -> None:
    table = segment(0xDB, b"\x03" + b"OWNER-SECRET".ljust(64, b"."))
    codes = segment(0xC4, b"\x03" + bytes((12, *[0] * 15)) + b"OWNER-SECRET")
    data = jpeg()
    assert clean_picture(data[:-2] + table + codes + b"\xff\xd9").stream == data


def test_what_a_picture_is_stands_before_its_first_scan() -> None:
    """As decoders have it: an RGB picture stays one, whatever stands between its scans."""
    data = jpeg(keep_rgb=True, progressive=True)
    second = [s for s in read_layout(data).segments if s.marker == 0xDA][1].start
    late = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xE1, exif(6))
    picture = clean_picture(data[:second] + late + data[second:])
    assert furthest(decoded(picture.stream), decoded(data)) <= 8
    assert decode_picture(data[:second] + late + data[second:], max_pixels=10**6, min_side=1).orientation == 1


def test_a_picture_wider_than_any_jpeg_decoder_takes_is_refused() -> None:
    data = bytearray(jpeg(scene(8, 16)))
    at = data.index(b"\xff\xc0") + 7
    data[at : at + 2] = struct.pack(">H", 65_530)
    with pytest.raises(TooManyPixelsError, match="65500"):
        clean_picture(bytes(data))


def test_srgb_told_by_exif_alone_gives_a_known_profile() -> None:
    picture = clean_picture(jpeg(exif=exif()))
    assert picture.color.space == "SRGB"
    assert picture.color.icc_profile is not None
    assert clean_picture(jpeg()).color.icc_profile is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_change_of_a_picture_is_cleaned_or_refused(data: st.DataObject) -> None:
    variants: list[dict[str, Any]] = [{}, {"progressive": True}, {"exif": exif(6)}, {"keep_rgb": True}]
    options = data.draw(st.sampled_from(variants))
    picture = bytearray(jpeg(scene(16, 24), **options))
    for _ in range(data.draw(st.integers(1, 6))):
        picture[data.draw(st.integers(2, len(picture) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean = clean_picture(bytes(picture), max_pixels=1_000_000)
    except PictureError:
        return
    frame = read_layout(clean.stream).frame
    assert (frame.process, frame.rows, frame.columns) == (0, clean.rows, clean.columns)


def test_a_png_in_disguise_is_told_by_its_first_bytes() -> None:
    assert clean_picture(png(scene())).media_type == "image/png"
