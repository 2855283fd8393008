"""Explicit VR Little Endian made of what is stored: every value as it was, pixels as they look."""

import struct
from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image

from dicomweb.frame_decoding import FrameDecoder, FrameLayout, TranscodingError
from dicomweb.part10 import read_part10
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.transcoding import to_explicit_little_endian
from tests.unit.dicomweb.samples import (
    EXPLICIT,
    IMPLICIT,
    JPEG_BASELINE,
    element,
    encapsulated,
    header,
    part10,
    photo,
    sequence,
)

LIMIT = 1 << 20


DECODER = FrameDecoder(DecoderPool(LIMIT), LIMIT)
"""Nothing here needs its processes."""


def explicit(data: bytes, max_bytes: int = LIMIT) -> pydicom.Dataset:
    decoder = FrameDecoder(DecoderPool(max_bytes), max_bytes)
    made = to_explicit_little_endian(BytesIO(data), read_part10(data).frames, decoder)
    assert read_part10(made).transfer_syntax_uid == EXPLICIT
    return pydicom.dcmread(BytesIO(made))


def rgb_jpeg_without_markers() -> bytes:
    """Red, as a JPEG of RGB components that neither JFIF, Adobe nor component identifiers tell."""
    buffer = BytesIO()
    Image.new("RGB", (16, 16), (250, 10, 20)).save(buffer, "JPEG", quality=95, keep_rgb=True)
    data = buffer.getvalue()
    adobe = data.index(b"\xff\xee")
    data = data[:adobe] + data[adobe + 16 :]
    for old, new in zip(b"RGB", (1, 2, 3), strict=True):
        data = data.replace(bytes((old, 0x11, 0)), bytes((new, 0x11, 0))).replace(bytes((old, 0)), bytes((new, 0)))
    return data


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00100020, "LO", "Hong^Gildong " * 8),
        (0x00100030, "DA", "Hong"),
        (0x00100040, "CS", "weiblich, Hong Gildong"),
        (0x00101010, "AS", "Hong"),
        (0x00080005, "CS", "HONG"),
    ],
)
def test_a_bad_value_goes_out_as_it_was_and_no_warning_tells_it(tag: int, vr: str, value: str) -> None:
    data = part10(element(tag, vr, value, implicit=True) + element(0x00280010, "US", 7, implicit=True), IMPLICIT)
    made = to_explicit_little_endian(BytesIO(data), (), DECODER)
    assert value.rstrip().encode() in made


def test_sequences_of_any_length_and_private_values_are_kept_value_by_value() -> None:
    items = [element(0x00080100, "SH", "A", implicit=True), b""]
    data_set = b"".join(
        struct.pack("<HHI", 0x0008, tag, 0xFFFFFFFF if undefined else 16 + len(items[0]))
        + b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
        + (struct.pack("<HHI", 0xFFFE, 0xE0DD, 0) if undefined else b"")
        for tag, undefined in ((0x1110, True), (0x1115, False))
    )
    data_set += element(0x00090010, "LO", "ACME", implicit=True) + struct.pack("<HHI", 0x0009, 0x1001, 3) + b"\1\2\3"
    ds = explicit(part10(data_set, IMPLICIT))
    for tag in (0x00081110, 0x00081115):
        assert [item.get("CodeValue") for item in ds[tag].value] == ["A", None]
    assert ds[0x00090010].value == "ACME"
    assert ds[0x00091001].value == b"\1\2\3\0"


def test_a_value_too_long_for_its_vr_becomes_unknown() -> None:
    """PS3.5 6.2.2, Note: 16 bits do not hold the length of a Decimal String that implicit VR held."""
    data = part10(element(0x30060050, "DS", "1\\" * 40_000, implicit=True), IMPLICIT)
    made = to_explicit_little_endian(BytesIO(data), (), DECODER)
    assert made[-80_000 - 12 :].startswith(b"\x06\x30\x50\x00UN\0\0" + (80_000).to_bytes(4, "little"))


def test_a_decoded_object_says_nothing_of_fragments() -> None:
    offsets = element(0x7FE00001, "OV", bytes(8)) + element(0x7FE00002, "OV", bytes(8))
    ds = explicit(photo(extra=[(0x7FE00001, offsets)]))
    assert "ExtendedOffsetTable" not in ds
    assert "ExtendedOffsetTableLengths" not in ds
    assert (ds.PhotometricInterpretation, ds.pixel_array.shape) == ("RGB", (48, 64, 3))


def test_an_unmarked_jpeg_is_rgb_where_its_object_says_so() -> None:
    data = rgb_jpeg_without_markers()
    as_rgb = np.frombuffer(DECODER.decode(data, JPEG_BASELINE, FrameLayout(16, 16, 3, 8, "RGB")).data, np.uint8)
    assert np.abs(as_rgb.reshape(-1, 3).astype(int) - (250, 10, 20)).max() <= 3
    said = FrameLayout(16, 16, 3, 8, "YBR_FULL_422")
    as_said_by_nobody = np.frombuffer(DECODER.decode(data, JPEG_BASELINE, said).data, np.uint8)
    assert np.abs(as_said_by_nobody.reshape(-1, 3).astype(int) - (250, 10, 20)).max() > 50


@pytest.mark.parametrize("rows", [element(0x00280010, "LO", "many"), element(0x00280010, "US", 0), b""])
def test_an_object_without_a_usable_size_is_not_decoded(rows: bytes) -> None:
    with pytest.raises(TranscodingError, match="Rows"):
        explicit(photo(extra=[(0x00280010, rows)]))


@pytest.mark.parametrize("data", [photo(), photo(native=bytes(16 * 12 * 3))])
def test_an_object_over_the_limit_is_not_made(data: bytes) -> None:
    with pytest.raises(TranscodingError, match="more than 500 bytes"):
        explicit(data, max_bytes=500)


def test_pixel_data_that_is_not_encoded_as_the_syntax_has_it_has_no_frames() -> None:
    pixels = element(0x00280010, "US", 1) + element(0x00280011, "US", 4)
    pixels += element(0x00280100, "US", 8)
    samples = element(0x00280002, "US", 1)
    native = samples + pixels + header(0x7FE00010, "OB", 4) + bytes(4)
    assert read_part10(part10(native, EXPLICIT)).frames
    assert not read_part10(part10(native, JPEG_BASELINE)).frames
    assert read_part10(part10(encapsulated([b"\xff\xd8"]), JPEG_BASELINE)).frames
    assert not read_part10(part10(encapsulated([b"\xff\xd8"]), EXPLICIT)).frames


def test_an_encapsulated_icon_does_not_go_into_an_uncompressed_object() -> None:
    ds = explicit(photo(extra=[(0x00880200, sequence(0x00880200, [encapsulated([b"\xff\xd8"])]))]))
    assert "PixelData" not in ds.IconImageSequence[0]
