import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversion.errors import DamagedPictureError, PictureError, UnsupportedCodingError, UnsupportedFormatError
from gateway.conversion.jpeg_layout import read_layout
from inference.structure import MAX_JPEG_SCANS, MAX_JPEG_SEGMENTS
from tests.unit.conversion.samples import jpeg, scene, segment, with_segments

FRAME = segment(0xC0, bytes((8, 0, 16, 0, 16, 1, 1, 0x11, 0)))
SCAN = segment(0xDA, bytes((1, 1, 0, 0, 63, 0)))


@pytest.mark.parametrize("data", [b"", b"\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_what_does_not_begin_as_a_jpeg_is_no_jpeg(data: bytes) -> None:
    with pytest.raises(UnsupportedFormatError):
        read_layout(data)


def test_every_cut_of_a_picture_is_damaged() -> None:
    data = jpeg(scene(32, 48))
    for length in range(2, len(data) - 1):
        with pytest.raises(DamagedPictureError):
            read_layout(data[:length])


@pytest.mark.parametrize(
    "body",
    [
        SCAN + FRAME,  # a scan before its frame
        FRAME + FRAME + SCAN,
        FRAME,  # no scan
        FRAME + segment(0xDA, bytes((1, 9, 0, 0, 63, 0))),  # an unknown component
        FRAME + segment(0xDA, bytes((2, 1, 0, 0, 63, 0))),
        FRAME + b"\xff\xd8" + SCAN,  # a second start of image
        b"\xff\xc0\x00\x01",
        segment(0xC0, bytes((8, 0, 16, 0, 0, 1, 1, 0x11, 0))) + SCAN,  # no columns
        segment(0xC0, bytes((8, 0, 16, 0, 16, 1, 1, 0x51, 0))) + SCAN,  # sampling factor 5
        segment(0xC0, bytes((8, 0, 16, 0, 16, 0))) + SCAN,
        segment(0xC0, bytes((8, 0, 16, 0, 16, 2, 1, 0x11, 0, 1, 0x11, 0))) + SCAN,  # one identifier twice
        b"\xff\x02" + FRAME + SCAN,
    ],
)
def test_what_the_format_forbids_is_damaged(body: bytes) -> None:
    with pytest.raises(DamagedPictureError):
        read_layout(b"\xff\xd8" + body + b"\xff\xd9")


@pytest.mark.parametrize(
    "body",
    [
        segment(0xDE, b"") + FRAME + SCAN,  # hierarchical
        segment(0xF7, b"") + SCAN,  # JPEG-LS
        segment(0xC0, bytes((8, 0, 0, 0, 16, 1, 1, 0x11, 0))) + SCAN,  # height told later
        FRAME + SCAN * (MAX_JPEG_SCANS + 1),
        segment(0xFE, b"") * (MAX_JPEG_SEGMENTS + 1) + FRAME + SCAN,
    ],
)
def test_kinds_that_are_not_taken_are_named_as_such(body: bytes) -> None:
    with pytest.raises(UnsupportedCodingError):
        read_layout(b"\xff\xd8" + body + b"\xff\xd9")


def test_the_end_is_that_of_the_first_picture_whatever_follows() -> None:
    data = jpeg()
    layout = read_layout(data + b"\xff\xd9 more" + data)
    assert layout.end == len(data)


def test_stuffed_bytes_restarts_and_fill_are_part_of_the_scan() -> None:
    coded = b"\x12\xff\x00\xd9\xff\xd0\x34\xff\x00\xff\xd7\x56\xff\xff"
    layout = read_layout(b"\xff\xd8" + FRAME + SCAN + coded + b"\xff\xd9")
    assert layout.segments[-1].end == 2 + len(FRAME + SCAN + coded)


def test_bytes_between_segments_are_passed_over() -> None:
    data = with_segments(jpeg(), b"\x00\x00garbage", b"\xff\xff\xff")
    assert read_layout(data).frame == read_layout(jpeg()).frame


def test_the_frame_is_read_from_its_header_and_not_from_exif() -> None:
    frame = read_layout(jpeg(scene(33, 51), subsampling="4:2:0")).frame
    assert (frame.rows, frame.columns, frame.process, frame.precision) == (33, 51, 0, 8)
    assert [(c.horizontal, c.vertical) for c in frame.components] == [(2, 2), (1, 1), (1, 1)]


def test_a_scan_of_many_megabytes_is_passed_over_in_milliseconds() -> None:
    data = b"\xff\xd8" + FRAME + SCAN + b"\xff\x00" * 4_000_000 + b"\xff\xd9"
    began = time.perf_counter()
    assert read_layout(data).end == len(data)
    assert time.perf_counter() - began < 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tail: bytes) -> None:
    try:
        layout = read_layout(b"\xff\xd8" + tail)
    except PictureError:
        return
    assert layout.end <= len(tail) + 2


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_picture_is_read_or_refused(data: st.DataObject) -> None:
    picture = bytearray(jpeg(scene(16, 24), progressive=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        picture[data.draw(st.integers(2, len(picture) - 1))] = data.draw(st.integers(0, 255))
    try:
        layout = read_layout(bytes(picture))
    except PictureError:
        return
    assert all(a.end <= b.start for a, b in zip(layout.segments, layout.segments[1:], strict=False))
