import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.valuerep import VR, validate_value

from gateway.conversion.exif import read_exif, turned_exif
from gateway.conversion.exif_facts import ExifFacts, WallClock
from tests.unit.conversion.samples import SECRETS, exif


def tiff(fields: dict[int, Any] | None = None, main: dict[int, Any] | None = None) -> bytes:
    block = Image.Exif()
    for tag, value in (main or {}).items():
        block[tag] = value
    block.get_ifd(0x8769).update(fields or {})
    return block.tobytes()[6:]


def rationals(tag: int, *values: tuple[int, int], type_: int = 5) -> bytes:
    """An EXIF block with one field of these rationals, which no library writes as they are."""
    main = b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 26) + bytes(4)
    directory = struct.pack("<HHHII", 1, tag, type_, len(values), 26 + 2 + 12 + 4) + bytes(4)
    sign = "i" if type_ == 10 else "I"
    return main + directory + b"".join(struct.pack(f"<2{sign}", *value) for value in values)


def attributes(fields: dict[int, Any]) -> dict[str, Any]:
    return dict(read_exif(tiff(fields)).attributes)


def test_an_orientation_of_another_type_is_not_obeyed_as_browsers_do_not() -> None:
    """The models and the object must see the picture the same way up: one function reads it for both."""
    block = b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHII", 1, 0x0112, 4, 1, 6) + bytes(4)
    assert read_exif(block).orientation == 1


@pytest.mark.parametrize(
    "data", [b"", b"II*\x00", b"MM\x00*\xff\xff\xff\xff", b"II*\x00\x08\x00\x00\x00\xff\xff", b"x" * 50]
)
def test_what_is_no_exif_says_nothing(data: bytes) -> None:
    assert read_exif(data) == ExifFacts()


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_means_upright(orientation: int) -> None:
    assert read_exif(tiff(main={0x0112: orientation})).orientation == 1


@pytest.mark.parametrize(
    "text",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026-05-06 07:08:09", "2026:13:01 00:00:00", "9999:01:01 00:00:00"],
)
def test_a_date_that_is_none_is_absent(text: str) -> None:
    assert read_exif(tiff({0x9003: text})).taken is None


@pytest.mark.parametrize("offset", ["", "   :  ", "+25:00", "+09:99", "0900"])
def test_an_offset_that_is_none_leaves_the_zone_to_the_site(offset: str) -> None:
    taken = read_exif(tiff({0x9003: "2026:05:06 07:08:09", 0x9011: offset})).taken
    assert taken is not None
    assert taken.at(ZoneInfo("Asia/Seoul")).astimezone(UTC) == datetime(2026, 5, 5, 22, 8, 9, tzinfo=UTC)


def test_the_cameras_own_offset_goes_before_the_sites() -> None:
    local = datetime(2026, 5, 6, 7, 8, 9)  # noqa: DTZ001 - a camera's wall clock
    moment = WallClock(local, timedelta(hours=-5)).at(ZoneInfo("Asia/Seoul"))
    assert moment.astimezone(UTC) == datetime(2026, 5, 6, 12, 8, 9, tzinfo=UTC)


def test_a_phones_exif_is_read_whole() -> None:
    facts = read_exif(exif(6)[6:])
    assert (facts.orientation, facts.maker, facts.model, facts.software) == (6, "Maker", "Model", "1.2.3")
    assert (facts.serial, facts.srgb, facts.subject_area) == ("Serial", True, (10, 20, 6, 4))
    assert facts.taken is not None
    assert facts.taken.local.microsecond == 123000
    assert facts.taken.utc_offset == timedelta(hours=9)


def test_flash_is_split_into_its_bits() -> None:
    names = ("FiringStatus", "ReturnStatus", "Mode", "FunctionPresent", "RedEyeMode")
    assert [attributes({0x9209: 0b1_0_11_10_1})[f"Flash{name}"] for name in names] == [1, 2, 3, 0, 1]


@pytest.mark.parametrize(
    ("tag", "rational"), [(0x829A, (1, 0)), (0x9206, (0, 1)), (0x9206, (0xFFFFFFFF, 1)), (0x9400, (1, 0xFFFFFFFF))]
)
def test_a_rational_without_a_meaning_is_absent(tag: int, rational: tuple[int, int]) -> None:
    assert read_exif(rationals(tag, rational)).attributes == ()


def test_a_lens_without_a_known_aperture_has_no_specification() -> None:
    assert read_exif(rationals(0xA432, (1, 1), (2, 1), (0, 0), (0, 0))).attributes == ()
    whole = dict(read_exif(rationals(0xA432, (1, 1), (2, 1), (14, 5), (4, 1))).attributes)
    assert whole == {"LensSpecification": ("1", "2", "2.8", "4")}


def test_numbers_are_written_in_at_most_sixteen_characters() -> None:
    assert dict(read_exif(rationals(0x829A, (1, 120))).attributes) == {"ExposureTimeInSeconds": "0.008333333333"}
    tiny = dict(read_exif(rationals(0x9204, (-12345679, 2147483645), type_=10)).attributes)
    assert len(str(tiny["ExposureBiasValue"])) <= 16


def test_place_owner_makers_note_and_free_text_are_not_read() -> None:
    said = repr(read_exif(exif(secrets=True)[6:])).encode()
    assert not [secret for secret in SECRETS if secret in said]
    assert b"GPS" not in said


@pytest.mark.parametrize(
    ("orientation", "area"),
    [(1, (10, 20, 6, 4)), (2, (89, 20, 6, 4)), (3, (89, 29, 6, 4)), (6, (29, 10, 4, 6)), (8, (20, 89, 4, 6))],
)
def test_the_subject_area_turns_with_the_picture(orientation: int, area: tuple[int, ...]) -> None:
    facts = ExifFacts(orientation=orientation, subject_area=(10, 20, 6, 4))
    assert turned_exif(facts, rows=50, columns=100).subject_area == area


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("position", [(100, 20), (5000, 5000), (10, 50, 4)])
def test_a_subject_outside_the_picture_is_left_out(orientation: int, position: tuple[int, ...]) -> None:
    facts = ExifFacts(orientation=orientation, subject_area=position)
    assert turned_exif(facts, rows=50, columns=100).subject_area == ()


def check_fits_dicom(facts: ExifFacts) -> None:
    for keyword, value in facts.attributes:
        vr = dictionary_VR(keyword)
        for one in value if isinstance(value, tuple) else (value,):
            validate_value(VR(vr), one, config.RAISE)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_raising(tail: bytes) -> None:
    check_fits_dicom(read_exif(b"II*\x00\x08\x00\x00\x00" + tail))


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_cameras_exif_still_gives_values_that_fit_dicom(data: st.DataObject) -> None:
    block = bytearray(exif(secrets=True)[6:])
    for _ in range(data.draw(st.integers(1, 8))):
        block[data.draw(st.integers(8, len(block) - 1))] = data.draw(st.integers(0, 255))
    check_fits_dicom(read_exif(bytes(block)))
