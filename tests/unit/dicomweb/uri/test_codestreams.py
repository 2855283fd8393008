"""Coded pictures without what stands beside them: wherever it stands, and not a sample changes."""

from io import BytesIO

import jpeg_ls
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.parameters import ColorProfile
from dicomweb.rendering.profiles import profile_of
from dicomweb.uri.codestreams import cleaned

JPEG, JPEG_LS, JPEG_2000 = (f"1.2.840.10008.1.2.4.{end}" for end in ("50", "80", "90"))
SECRET = b"Hong Gildong"
COMMENT = b"\xff\xfe\x00\x0e" + SECRET
EXIF = b"\xff\xe1\x00\x14Exif\0\0" + SECRET
PICTURE = Image.linear_gradient("L").resize((64, 48)).convert("RGB")


def jpeg(**options: object) -> bytes:
    buffer = BytesIO()
    PICTURE.save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def jpeg_2000(*, no_jp2: bool = True) -> bytes:
    buffer = BytesIO()
    PICTURE.save(buffer, "JPEG2000", no_jp2=no_jp2, irreversible=False, tile_size=(32, 32), comment=SECRET.decode())
    return buffer.getvalue()


def same(one: bytes, other: bytes) -> bool:
    return ImageChops.difference(Image.open(BytesIO(one)), Image.open(BytesIO(other))).getbbox() is None


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_loses_what_stands_before_between_and_behind_its_scans(*, progressive: bool) -> None:
    data = jpeg(progressive=progressive, comment=SECRET, icc_profile=profile_of(ColorProfile.DISPLAY_P3))
    last = data.rindex(b"\xff\xda")
    between = data[:last] + COMMENT + EXIF + data[last:] if progressive else data
    planted = between[:-2] + COMMENT + EXIF + b"\xff\xd9" + SECRET + COMMENT + jpeg(comment=SECRET)
    assert planted.count(SECRET) >= 6
    made = cleaned(planted, JPEG)
    assert SECRET not in made
    assert made.endswith(b"\xff\xd9")
    assert same(made, data)
    assert Image.open(BytesIO(made)).info["icc_profile"] == profile_of(ColorProfile.DISPLAY_P3)


def test_segments_that_say_colours_hold_nothing_else() -> None:
    data = jpeg()
    assert data[2:4] == b"\xff\xe0"
    thumbnail = b"\xff\xe0\x00\x1cJFIF\0\1\1\0\0\1\0\1\2\2" + SECRET
    adobe = b"\xff\xee\x00\x1aAdobe\0\x64\0\0\0\0\1" + SECRET
    made = cleaned(b"\xff\xd8" + thumbnail + adobe + data[20:], JPEG)
    assert SECRET not in made
    assert same(made, data)


@pytest.mark.parametrize("marker", [0xF0, 0xFD, 0x02, 0xBF, 0xC8])
def test_segments_that_nobody_knows_go(marker: int) -> None:
    data = jpeg()
    planted = data[:2] + bytes((0xFF, marker)) + COMMENT[2:] + data[2:]
    assert cleaned(planted, JPEG) == cleaned(data, JPEG)


def test_jpeg_ls_loses_all_that_is_no_picture() -> None:
    pixels = np.asarray(PICTURE)
    data = bytes(jpeg_ls.encode_array(np.ascontiguousarray(pixels), interleave_mode=2))
    made = cleaned(data[:2] + COMMENT + EXIF + data[2:-2] + COMMENT + data[-2:] + SECRET, JPEG_LS)
    assert SECRET not in made
    assert (jpeg_ls.decode(np.frombuffer(made, np.uint8)) == pixels).all()


@pytest.mark.parametrize("no_jp2", [True, False])
def test_jpeg_2000_loses_boxes_comments_and_what_is_appended(*, no_jp2: bool) -> None:
    data = jpeg_2000(no_jp2=no_jp2)
    assert SECRET in data
    start = data.index(b"\xff\x4f\xff\x51")
    end = data.rindex(b"\xff\xd9") + 2
    made = cleaned(data if not no_jp2 else data[:end] + SECRET, JPEG_2000)
    assert SECRET not in made
    assert len(made) == end - start
    assert same(made, data)


def test_a_comment_in_the_header_of_a_tile_part_is_blanked() -> None:
    data = jpeg_2000()
    part = data.index(b"\xff\x90")
    comment = b"\xff\x64\x00\x10\x00\x01" + SECRET
    length = int.from_bytes(data[part + 6 : part + 10]) + len(comment)
    head = data[:part] + data[part : part + 6] + length.to_bytes(4) + data[part + 10 : part + 12]
    planted = head + comment + data[part + 12 :]
    made = cleaned(planted, JPEG_2000)
    assert SECRET not in made
    assert len(made) == len(planted)
    assert same(made, data)


@pytest.mark.parametrize("end", ["5", "4.92", "4.110", "4.102"])
def test_codings_that_are_not_cleaned_are_refused(end: str) -> None:
    with pytest.raises(NotRenderableError, match="cleaned"):
        cleaned(jpeg(), f"1.2.840.10008.1.2.{end}")


@pytest.mark.parametrize("syntax", [JPEG, JPEG_LS, JPEG_2000])
def test_what_does_not_end_is_refused(syntax: str) -> None:
    data = {JPEG: jpeg(), JPEG_LS: bytes(jpeg_ls.encode_array(np.zeros((9, 9), np.uint8))), JPEG_2000: jpeg_2000()}
    for cut in (0, 2, 30, len(data[syntax]) - 2):
        with pytest.raises(NotRenderableError):
            cleaned(data[syntax][:cut], syntax)


@given(
    st.sampled_from([(JPEG, jpeg()), (JPEG_2000, jpeg_2000()), (JPEG_2000, jpeg_2000(no_jp2=False))]),
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), max_size=6),
)
def test_mutants_are_cleaned_or_refused(coded: tuple[str, bytes], changes: list[tuple[int, int]]) -> None:
    syntax, data = coded[0], bytearray(coded[1])
    for offset, value in changes:
        data[offset % len(data)] = value
    try:
        made = cleaned(bytes(data), syntax)
    except NotRenderableError:
        return
    assert made.endswith(b"\xff\xd9")
