import time
from typing import Any

import pytest

from inference import structure
from inference.errors import NotAPicture, PictureError, UnsupportedPicture
from inference.picture import decode_picture
from tests.unit.inference.pictures import encoded, gradient

PROGRESSIVE = encoded(gradient(), "JPEG", progressive=True)
SECONDS = 2.0


def refused_in_time(data: bytes) -> str:
    started = time.monotonic()
    with pytest.raises(PictureError) as refusal:
        decode_picture(data, max_pixels=10**9)
    assert time.monotonic() - started < SECONDS
    return refusal.value.code


def test_a_flood_of_empty_segments_is_refused_in_time() -> None:
    assert refused_in_time(b"\xff\xd8" + b"\xff\xe1\x00\x02" * 4_000_000) == "unsupported_picture"


def test_a_flood_of_fill_bytes_is_refused_in_time() -> None:
    assert refused_in_time(b"\xff\xd8" + b"\xff" * 20_000_000) == "truncated_picture"


def test_a_flood_of_png_chunks_is_refused_in_time() -> None:
    signature = encoded(gradient(), "PNG")[:33]
    assert refused_in_time(signature + b"\0\0\0\0tEXt\0\0\0\0" * 1_000_000) == "unsupported_picture"


def test_a_flood_of_scans_is_refused_in_time() -> None:
    last = PROGRESSIVE.rindex(b"\xff\xda")
    scan = PROGRESSIVE[last:-2]
    assert refused_in_time(PROGRESSIVE[:-2] + scan * 2000 + b"\xff\xd9") == "unsupported_picture"


def test_a_jpeg_without_a_scan_is_no_picture() -> None:
    with pytest.raises(NotAPicture):
        structure.check_jpeg(b"\xff\xd8\xff\xd9")


def test_a_segment_flood_between_scans_is_refused() -> None:
    comments = b"\xff\xfe\x00\x02" * (structure.MAX_JPEG_SEGMENTS + 1)
    with pytest.raises(UnsupportedPicture):
        structure.check_jpeg(PROGRESSIVE[:-2] + comments + b"\xff\xd9")


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"icc_profile": b"x" * 200_000}]
)
def test_what_cameras_write_passes(options: dict[str, Any]) -> None:
    structure.check_jpeg(encoded(gradient(), "JPEG", **options))
