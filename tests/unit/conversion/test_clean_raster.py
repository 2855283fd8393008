"""What is kept of formats that are decoded: codings judged, edges, colours, crops."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import TooManyPixelsError, UnsupportedCodingError
from tests.unit.conversion.samples import Pixels, display_profile, furthest, scene, table_profile

KEPT_RATE: dict[str, Any] = {"quality_mode": "rates", "quality_layers": [8]}


def saved(pixels: Pixels, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, kind, **options)
    return target.getvalue()


def drawn(rows: int, columns: int) -> Pixels:
    """What a computer draws: a ramp of even steps."""
    ramp = (np.arange(columns) // 16).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (rows, columns, 3)).copy()


@pytest.mark.parametrize("pixels", [drawn(2000, 4000), np.full((600, 800, 3), 7, np.uint8)], ids=["ramp", "flat"])
def test_a_drawing_coded_without_loss_is_not_taken_for_a_lossy_one(pixels: Pixels) -> None:
    assert clean_picture(saved(pixels, "JPEG2000", mct=1)).lossy == ()


def test_a_photo_cut_to_a_rate_still_is() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (128, 128, 3), np.uint8)
    assert clean_picture(saved(noise, "JPEG2000", mct=1, **KEPT_RATE)).lossy


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG2000", {"irreversible": True, "mct": 1}), ("TIFF", {"compression": "jpeg", "tiffinfo": {278: 16}})],
)
def test_what_would_be_shown_as_a_jpeg_has_no_longer_edge_than_one(kind: str, options: dict[str, Any]) -> None:
    def strip(columns: int) -> Pixels:
        return np.full((16, columns, 3), (10, 20, 30), np.uint8)

    assert clean_picture(saved(strip(65_500), kind, **options)).columns == 65_500
    if kind == "TIFF":  # nothing writes a wider one: its own JPEG ends there
        return
    with pytest.raises(TooManyPixelsError, match="65500"):
        clean_picture(saved(strip(65_520), kind, **options))


def test_what_was_not_lossy_may_be_as_wide_as_dicom_says() -> None:
    assert clean_picture(saved(np.zeros((2, 65_535), np.uint8), "TIFF")).columns == 65_535


@pytest.mark.parametrize(("kind", "options"), [("WEBP", {"lossless": True}), ("TIFF", {})])
def test_a_profile_is_kept_without_what_colours_do_not_need(kind: str, options: dict[str, Any]) -> None:
    secret = b"OWNER-SECRET"
    profile = display_profile("P3") + secret
    profile = len(profile).to_bytes(4) + profile[4:]
    data = saved(scene(), kind, icc_profile=profile, **options)
    picture = clean_picture(data)
    assert secret in data
    assert secret not in picture.stream
    assert picture.color.icc_profile is not None
    assert secret not in picture.color.icc_profile


def test_colours_by_a_table_become_srgb_in_every_frame() -> None:
    data = saved(scene(), "TIFF", icc_profile=table_profile(3))
    picture = clean_picture(data)
    assert (picture.color.space, picture.derived) == ("SRGB", True)
    assert furthest(np.frombuffer(picture.native or b"", np.uint8).reshape(96, 144, 3), scene()) > 30


def test_samples_that_no_decoder_has_are_refused_as_a_coding() -> None:
    data = bytearray(saved(scene(), "TIFF"))
    at = data.index(b"\x06\x01\x03\x00\x01\x00\x00\x00")  # PhotometricInterpretation
    data[at + 8] = 0
    with pytest.raises(UnsupportedCodingError):
        clean_picture(bytes(data))
