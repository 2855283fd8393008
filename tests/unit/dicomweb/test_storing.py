"""Instances made of metadata and bulk data (PS3.18 10.5)."""

import json
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread

from dicomweb.archive import Span, StoreStatus
from dicomweb.dicom_json import to_json
from dicomweb.media_types import parse_media_type
from dicomweb.part10 import read_identity, read_part10
from dicomweb.storing.bulk_parts import BulkPart, BulkParts, Scratch
from dicomweb.storing.coded_pictures import CodedPicture, read_jpeg, read_jpeg_2000
from dicomweb.storing.documents import read_metadata
from dicomweb.storing.element_values import encode_values
from dicomweb.storing.errors import MetadataError
from dicomweb.storing.making import make_part10
from dicomweb.windows import Window
from tests.unit.dicomweb.samples import JPEG_BASELINE, VL_PHOTOGRAPHIC, element, jpeg, photo, sequence

BASE = "http://127.0.0.1/dicom-web/studies/"
_SYNTAX = "1.2.840.10008.1.2.4."
_IMAGE_PIXEL = (
    *("00280002", "00280004", "00280006", "00280008", "00280010", "00280011"),
    *("00280100", "00280101", "00280102", "00280103"),
)

Part = tuple[str, str, bytes]
"""Content-Location, media type, bytes."""


def members(**changes: Any) -> dict[str, Any]:
    """Metadata of a photo; `T00100010={…}` sets an element, None takes it away."""
    part10 = read_part10(photo())
    made = to_json(part10.header, part10.bulk)
    made["7FE00010"] = {"vr": "OB", "BulkDataURI": "picture"}
    for name, value in changes.items():
        made.pop(name[1:], None)
        if value is not None:
            made[name[1:]] = value
    return made


def without_image_pixel(**changes: Any) -> dict[str, Any]:
    return members(**({f"T{tag}": None for tag in _IMAGE_PIXEL} | changes))


def make(made_of: dict[str, Any], parts: Sequence[Part] = ()) -> bytes:
    """The Part 10 file."""
    scratch, bulk = Scratch(BytesIO), BulkParts(BASE)
    for number, (location, media_type, data) in enumerate(parts, 2):
        offset = scratch.size
        scratch.write(data)
        bulk.add(location, BulkPart(number, parse_media_type(media_type), Span(offset, len(data))))
    return b"".join(make_part10(made_of, bulk, scratch))


def refused(made_of: dict[str, Any], parts: Sequence[Part] = ()) -> MetadataError:
    with pytest.raises(MetadataError) as caught:
        make(made_of, parts)
    return caught.value


def pixel_bytes(data: bytes) -> list[bytes]:
    return [b"".join(data[one.offset : one.offset + one.length] for one in frame) for frame in read_part10(data).frames]


def coded(format_name: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    buffer = BytesIO()
    Image.effect_noise(size, 40).convert(mode).save(buffer, format_name, **options)
    return buffer.getvalue()


def look(read: Any, data: bytes) -> CodedPicture:
    picture = read(Window(BytesIO(b"before" + data + b"behind")), Span(6, len(data)))
    assert isinstance(picture, CodedPicture)
    return picture


# -- pictures


def test_the_jpeg_is_kept_byte_for_byte_as_baseline() -> None:
    picture = jpeg()
    made = make(members(), [("picture", f"image/jpeg; transfer-syntax={JPEG_BASELINE}", picture)])
    assert read_part10(made).transfer_syntax_uid == JPEG_BASELINE
    assert pixel_bytes(made) == [picture + bytes(len(picture) % 2)]


def test_image_pixel_attributes_come_from_the_jpeg_where_they_are_absent() -> None:
    header = dcmread(BytesIO(make(without_image_pixel(), [("picture", "image/jpeg", jpeg(size=(80, 56)))])))
    assert (header.Rows, header.Columns, header.SamplesPerPixel, header.PlanarConfiguration) == (56, 80, 3, 0)
    assert (header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation) == (8, 8, 7, 0)
    assert header.PhotometricInterpretation == "YBR_FULL_422"
    assert header.LossyImageCompression == "01"
    assert header.LossyImageCompressionMethod == "ISO_10918_1"
    assert header.LossyImageCompressionRatio > 1
    assert header.pixel_array.shape == (56, 80, 3)


@pytest.mark.parametrize("tag", ["00280010", "00280011", "00280002"])
def test_metadata_that_contradicts_the_jpeg_is_refused(tag: str) -> None:
    error = refused(members(**{f"T{tag}": {"vr": "US", "Value": [7]}}), [("picture", "image/jpeg", jpeg())])
    assert error.status is StoreStatus.DATA_SET_MISMATCH


def test_several_parts_of_one_location_are_frames() -> None:
    pictures = [jpeg(seed) for seed in (1, 2, 3)]
    header = without_image_pixel()
    made = make(header, [("picture", "image/jpeg", picture) for picture in pictures])
    assert [frame.rstrip(b"\0") for frame in pixel_bytes(made)] == pictures
    assert dcmread(BytesIO(made)).NumberOfFrames == 3


def test_parts_may_be_located_frame_by_frame_in_any_order() -> None:
    first, second = jpeg(1), jpeg(2)
    parts = [("picture/frames/2", "image/jpeg", second), ("picture/frames/1", "image/jpeg", first)]
    assert [frame.rstrip(b"\0") for frame in pixel_bytes(make(without_image_pixel(), parts))] == [first, second]
    assert "missing" in str(refused(without_image_pixel(), parts[:1]))


def test_frames_that_differ_or_are_too_few_are_refused() -> None:
    parts = [("picture", "image/jpeg", jpeg()), ("picture", "image/jpeg", jpeg(size=(16, 16)))]
    assert "different size" in str(refused(without_image_pixel(), parts))
    three = without_image_pixel(T00280008={"vr": "IS", "Value": [3]})
    assert "2 parts" in str(refused(three, [("picture", "image/jpeg", jpeg())] * 2))


@pytest.mark.parametrize(
    ("data", "syntax", "colours", "method"),
    [
        (coded("JPEG"), "50", "YBR_FULL_422", "ISO_10918_1"),
        (coded("JPEG", mode="L"), "50", "MONOCHROME2", "ISO_10918_1"),
        (coded("JPEG", exif=b"Exif\0\0" + bytes(60_000)), "50", "YBR_FULL_422", "ISO_10918_1"),
        (coded("JPEG", keep_rgb=True), "50", "RGB", "ISO_10918_1"),
    ],
)
def test_what_a_jpeg_says_of_itself(data: bytes, syntax: str, colours: str, method: str) -> None:
    picture = look(read_jpeg, data)
    assert (picture.rows, picture.columns, picture.bits) == (48, 64, 8)
    assert picture.transfer_syntax_uid == _SYNTAX + syntax
    assert (picture.photometric_interpretation, picture.lossy_method) == (colours, method)


def test_lossless_jpegs_are_told_by_their_scan() -> None:
    frame = b"\xff\xd8\xff%c\0\x0b\x0c\0\x10\0\x20\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0%c\0\0rest"
    first, other = look(read_jpeg, frame % (0xC3, 1)), look(read_jpeg, frame % (0xC3, 4))
    assert (first.transfer_syntax_uid, other.transfer_syntax_uid) == (_SYNTAX + "70", _SYNTAX + "57")
    assert (first.bits, first.rows, first.columns, first.lossy_method) == (12, 16, 32, None)
    exact, near = look(read_jpeg, frame % (0xF7, 0)), look(read_jpeg, frame % (0xF7, 2))
    assert (exact.transfer_syntax_uid, near.transfer_syntax_uid) == (_SYNTAX + "80", _SYNTAX + "81")
    assert (exact.lossy_method, near.lossy_method) == (None, "ISO_14495_1")


def test_a_progressive_jpeg_is_refused_in_words() -> None:
    error = refused(without_image_pixel(), [("picture", "image/jpeg", coded("JPEG", progressive=True))])
    assert error.status is StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED
    assert "progressive" in str(error)


@pytest.mark.parametrize("reversible", [True, False])
def test_of_a_jp2_file_the_codestream_is_taken(reversible: bool) -> None:
    data = coded("JPEG2000", irreversible=not reversible, mct=1)
    picture = look(read_jpeg_2000, data)
    assert (picture.rows, picture.columns, picture.samples, picture.bits) == (48, 64, 3, 8)
    assert picture.transfer_syntax_uid == _SYNTAX + ("90" if reversible else "91")
    assert picture.photometric_interpretation == ("YBR_RCT" if reversible else "YBR_ICT")
    made = make(without_image_pixel(), [("picture", "image/jp2", data)])
    assert pixel_bytes(made)[0].startswith(b"\xff\x4f\xff\x51")
    assert dcmread(BytesIO(made)).pixel_array.shape == (48, 64, 3)


def test_a_sender_may_call_reversible_jpeg_2000_lossy() -> None:
    part = ("picture", f"image/jp2; transfer-syntax={_SYNTAX}91", coded("JPEG2000", no_jp2=True))
    assert read_part10(make(without_image_pixel(), [part])).transfer_syntax_uid == _SYNTAX + "91"


@given(st.binary(max_size=80), st.integers(0, 700))
def test_damaged_pictures_are_errors_in_words(noise: bytes, cut: int) -> None:
    for read, data in ((read_jpeg, jpeg()), (read_jpeg_2000, coded("JPEG2000", size=(16, 16)))):
        damaged = data[:cut] + noise
        with suppress(MetadataError):
            read(Window(BytesIO(damaged)), Span(0, len(damaged)))


# -- other bulk data


def test_native_pixels_of_the_right_length_are_taken() -> None:
    pixels = bytes(range(256)) * 36
    made = make(members(T00280004={"vr": "CS", "Value": ["RGB"]}), [("picture", "application/octet-stream", pixels)])
    assert pixel_bytes(made) == [pixels]
    assert read_part10(made).transfer_syntax_uid == "1.2.840.10008.1.2.1"


def test_native_pixels_of_another_length_are_refused() -> None:
    error = refused(
        members(T00280004={"vr": "CS", "Value": ["RGB"]}), [("picture", "application/octet-stream", b"few")]
    )
    assert error.status is StoreStatus.DATA_SET_MISMATCH


def test_octets_with_a_transfer_syntax_are_a_coded_picture() -> None:
    part = ("picture", f"application/octet-stream; transfer-syntax={JPEG_BASELINE}", jpeg())
    assert read_part10(make(members(), [part])).transfer_syntax_uid == JPEG_BASELINE


def test_a_video_is_one_fragment_with_its_syntax() -> None:
    video = bytes(12) + b"ftypisom" + bytes(501)
    header = members(T00280008={"vr": "IS", "Value": [250]})
    made = read_part10(make(header, [("picture", "video/mp4", video)]))
    assert made.transfer_syntax_uid == _SYNTAX + "102"
    assert made.bulk["7FE00010"].spans[0].length == len(video) + 1
    declared = read_part10(make(header, [("picture", f"video/mp4; transfer-syntax={_SYNTAX}105", video)]))
    assert declared.transfer_syntax_uid == _SYNTAX + "105"


@pytest.mark.parametrize(
    "media_type",
    ["image/png", "text/html", f"video/mp4; transfer-syntax={JPEG_BASELINE}", "image/jpeg; transfer-syntax=1.2.3"],
)
def test_media_types_that_no_transfer_syntax_has_are_refused(media_type: str) -> None:
    error = refused(members(), [("picture", media_type, jpeg())])
    assert error.status is StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED


def test_any_other_element_may_be_bulk_data() -> None:
    document = b"%PDF-1.7 odd"
    made = make(
        members(T00420011={"vr": "OB", "BulkDataURI": f"{BASE}pdf"}, T7FE00010=None),
        [("pdf", "application/pdf", document)],
    )
    assert dcmread(BytesIO(made)).EncapsulatedDocument == document


def test_bulk_data_that_was_not_sent_is_named() -> None:
    error = refused(members())
    assert error.status is StoreStatus.DATA_SET_MISMATCH
    assert "(7FE0,0010)" in str(error)


def test_bulk_data_is_never_fetched_from_elsewhere() -> None:
    refused(members(T7FE00010={"vr": "OB", "BulkDataURI": "http://127.0.0.1:1/secret"}))
    refused(members(T7FE00010={"vr": "OB", "BulkDataURI": "file:///etc/passwd"}))


def test_a_full_disk_is_told_as_such() -> None:
    def no_room() -> BytesIO:
        raise OSError(28, "No space left on device")

    scratch, bulk = Scratch(no_room), BulkParts(BASE)
    scratch.write(jpeg())
    bulk.add("picture", BulkPart(2, parse_media_type("image/jpeg"), Span(0, 10)))
    with pytest.raises(MetadataError) as caught:
        make_part10(members(), bulk, scratch)
    assert caught.value.status is StoreStatus.OUT_OF_RESOURCES


# -- metadata


def test_a_data_set_comes_back_as_it_was() -> None:
    extra = [
        (0x00080008, element(0x00080008, "CS", "DERIVED\\SECONDARY\\\\LAB")),
        (0x00091001, element(0x00091001, "LO", "private")),
        (0x00090010, element(0x00090010, "LO", "ACME")),
        (0x00101030, element(0x00101030, "DS", "70.5\\1")),
        (0x00280009, element(0x00280009, "AT", b"\x18\x00\x63\x10")),
        (0x00282000, element(0x00282000, "OB", b"odd")),
        (0x00400555, sequence(0x00400555, [element(0x00080104, "LO", "피부"), b""])),
        (0x00720075, element(0x00720075, "US", b"\1\0\2\0")),
    ]
    part10 = read_part10(photo(extra=extra, without=[0x7FE00010]))
    before = to_json(part10.header, part10.bulk)
    after = read_part10(make(before))
    assert to_json(after.header, after.bulk) == before
    assert read_identity(after).sop_class_uid == VL_PHOTOGRAPHIC


def test_text_is_utf8_whatever_the_metadata_calls_its_character_set() -> None:
    name = {"vr": "PN", "Value": [{"Alphabetic": "Zoë^Ana", "Ideographic": "洪^吉洞", "Phonetic": "홍^길동"}]}
    made = make(members(T00080005={"vr": "CS", "Value": ["ISO_IR 100"]}, T00100010=name, T7FE00010=None))
    header = dcmread(BytesIO(made))
    assert str(header.PatientName) == "Zoë^Ana=洪^吉洞=홍^길동"
    assert header.SpecificCharacterSet == "ISO_IR 192"


def test_file_meta_and_group_lengths_in_metadata_are_made_anew() -> None:
    made = make(
        members(
            T7FE00010=None,
            T00020010={"vr": "UI", "Value": ["1.2.840.10008.1.2.2"]},
            T00080000={"vr": "UL", "Value": [7]},
        )
    )
    part10 = read_part10(made)
    assert part10.transfer_syntax_uid == "1.2.840.10008.1.2.1"
    assert part10.file_meta.MediaStorageSOPInstanceUID == part10.header.SOPInstanceUID
    assert 0x00080000 not in part10.header


@pytest.mark.parametrize(
    ("element_json", "word"),
    [
        ("text", "vr"),
        ({"Value": ["x"]}, "vr"),
        ({"vr": "XX", "Value": ["x"]}, "VR"),
        ({"vr": "LO", "Value": "x"}, "Value"),
        ({"vr": "LO", "Value": [5]}, "no text"),
        ({"vr": "LO", "Value": ["a\\b"]}, "backslash"),
        ({"vr": "LO", "Value": ["x"], "BulkDataURI": "y"}, "more than one"),
        ({"vr": "LO", "BulkDataURI": 5}, "wrong kind"),
        ({"vr": "LT", "Value": ["a", "b"]}, "several"),
        ({"vr": "US", "Value": [70_000]}, "range"),
        ({"vr": "US", "Value": [True]}, "integer"),
        ({"vr": "DS", "Value": ["x"]}, "decimal"),
        ({"vr": "IS", "Value": [1.5]}, "integer"),
        ({"vr": "AT", "Value": ["xyz"]}, "tag"),
        ({"vr": "PN", "Value": ["Hong"]}, "person name"),
        ({"vr": "OB", "InlineBinary": "%%%"}, "base64"),
        ({"vr": "OB", "Value": ["x"]}, "no Value"),
        ({"vr": "SQ", "Value": ["x"]}, "item"),
        ({"vr": "SQ", "InlineBinary": "eA=="}, "sequence"),
    ],
)
def test_elements_that_are_none_are_named_by_their_tag(element_json: Any, word: str) -> None:
    error = refused(members(T00104000=element_json, T7FE00010=None))
    assert str(error).startswith("(0010,4000): ")
    assert word in str(error)
    assert "Hong" not in str(error)


def test_keys_that_are_no_tags_are_refused() -> None:
    for key in ("PatientName", "0010001", "FFFEE000"):
        refused({**members(T7FE00010=None), key: {"vr": "LO"}})
    refused({**members(T7FE00010=None), "0028300A": {"vr": "LO"}, "0028300a": {"vr": "LO"}})


def test_deep_metadata_is_refused() -> None:
    nested: dict[str, Any] = {"vr": "SQ"}
    for _ in range(100):
        nested = {"vr": "SQ", "Value": [{"00400555": nested}]}
    assert "deeper" in str(refused(members(T00400555=nested, T7FE00010=None)))


def test_an_instance_without_uids_is_refused() -> None:
    for tag in ("00080016", "00080018"):
        error = refused(members(**{f"T{tag}": None}, T7FE00010=None))
        assert error.status is StoreStatus.DATA_SET_MISMATCH


def test_numbers_may_be_text_and_long_decimals_are_shortened() -> None:
    assert encode_values("US", ["7", 8]) == b"\7\0\10\0"
    assert encode_values("IS", ["5", None, 6.0]) == b"5\\\\6"
    assert encode_values("DS", ["1.50", 0.1]) == b"1.50\\0.1"
    assert all(len(one) <= 16 for one in encode_values("DS", [1 / 3, -1e-7 / 3, 123456789.123456789]).split(b"\\"))
    assert encode_values("FL", ["NaN"])[2:] == b"\xc0\x7f"
    assert encode_values("UV", ["18446744073709551615"]) == b"\xff" * 8


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"5",
        b"[]",
        b"[5]",
        b"\xff\xfe[\0{\0",
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b"[" + b"[]," * 400_000 + b"[]]",
    ],
)
def test_what_is_no_json_metadata_is_refused(text: bytes) -> None:
    with pytest.raises(MetadataError):
        read_metadata("application/dicom+json", text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ELEMENT = st.fixed_dictionaries(
    {"vr": st.sampled_from(["SQ", "PN", "DS", "IS", "US", "FD", "AT", "LO", "OB", "UI", "SV", "zz"])},
    optional={"Value": st.lists(_JSON, max_size=3), "InlineBinary": st.text(max_size=8), "BulkDataURI": _JSON},
)


@given(st.dictionaries(st.sampled_from(["00100010", "00280010", "00080018", "7FE00010", "00280008"]), _ELEMENT | _JSON))
def test_any_json_is_a_file_that_can_be_read_or_an_error_in_words(made_of: dict[str, Any]) -> None:
    document = json.loads(json.dumps({**members(T7FE00010=None), **made_of}))
    with suppress(MetadataError):
        read_part10(make(document, [("picture", "image/jpeg", jpeg())]))


def test_inline_pixels_are_native() -> None:
    pixels = bytes(64 * 48 * 3)
    header = members(
        T7FE00010={"vr": "OB", "InlineBinary": b64encode(pixels).decode()}, T00280004={"vr": "CS", "Value": ["RGB"]}
    )
    assert pixel_bytes(make(header)) == [pixels]
