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


def test_a_flood_of_exif_segments_is_decoded_in_time() -> None:
    """Pillow joins the segments one by one, copying all the earlier ones each time."""
    segment = b"\xff\xe1\x20\x00Exif\0\0" + bytes(0x2000 - 8)
    started = time.monotonic()
    decode_picture(PROGRESSIVE[:2] + segment * 4900 + PROGRESSIVE[2:], max_pixels=10**6)
    assert time.monotonic() - started < SECONDS


def test_the_first_exif_block_counts_and_no_other_metadata_reaches_the_decoder() -> None:
    def segment(marker: int, body: bytes) -> bytes:
        return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body

    extras = [b"Exif\0\0first", b"Exif\0\0second", b"http://ns.adobe.com/xap/1.0/\0xmp"]
    plain = encoded(gradient(), "JPEG")
    data = plain[:2] + b"".join(segment(0xE1, extra) for extra in extras) + segment(0xFE, b"comment") + plain[2:]
    assert structure.bare_jpeg(data) == structure.BarePicture(plain, b"first")


@pytest.mark.parametrize("end", [b"\xff\xc0\0\2\x08", b"\xff\xc0\0\3\x08\0", b"\xff\xc0\0\0", b"\xff\xda\0\1\0"])
def test_a_header_cut_short_is_refused(end: bytes) -> None:
    with pytest.raises(PictureError):
        structure.bare_jpeg(b"\xff\xd8" + end)


def test_a_jpeg_without_a_scan_is_no_picture() -> None:
    with pytest.raises(NotAPicture):
        structure.bare_jpeg(b"\xff\xd8\xff\xd9")


def test_a_segment_flood_between_scans_is_refused() -> None:
    comments = b"\xff\xfe\x00\x02" * (structure.MAX_JPEG_SEGMENTS + 1)
    with pytest.raises(UnsupportedPicture):
        structure.bare_jpeg(PROGRESSIVE[:-2] + comments + b"\xff\xd9")


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"icc_profile": b"x" * 200_000}]
)
def test_what_cameras_write_passes(options: dict[str, Any]) -> None:
    structure.bare_jpeg(encoded(gradient(), "JPEG", **options))
