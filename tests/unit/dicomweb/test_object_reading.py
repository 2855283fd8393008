"""A usual file is read in one pass, and what is found is what the general way finds: in sound files and in mutants."""

import random
from dataclasses import fields
from io import BytesIO

import orjson
import pytest

from dicomweb import object_reading
from dicomweb.dicom_json import DicomJsonError
from dicomweb.object_reading import ReadObject, read_object
from dicomweb.part10_errors import Part10Error
from dicomweb.usual_data_set import read_usual
from dicomweb.value_json import UnusualError
from dicomweb.windows import BLOCK_BYTES, Window
from tests.unit.dicomweb.samples import EXPLICIT, JPEG_BASELINE, element, encapsulated, photo, sequence
from tests.unit.dicomweb.test_mutants import FILES, data_set, file, mutant

ICC = bytes(range(256)) * 8
OPTICAL_PATH = sequence(
    0x00880200,
    [element(0x00080005, "CS", "ISO_IR 192") + element(0x00282000, "OB", ICC), element(0x00480106, "SH", "1")],
)
USUAL = [
    *FILES[:2],
    file(data_set(), EXPLICIT),
    file(element(0x00080000, "UL", bytes(2000)) + data_set(), EXPLICIT),
    file(data_set() + element(0x00741057, "ST", "") + OPTICAL_PATH + encapsulated([ICC]), JPEG_BASELINE),
    photo(),
]


def _compared(read: ReadObject) -> list[object]:
    found: list[object] = [getattr(read, one.name) for one in fields(read) if one.name != "memory_bytes"]
    return [*found, orjson.dumps(read.header), list(read.header)]


def _usually(data: bytes) -> list[object] | None:
    """What the one pass finds, the text of the error it meets, None where it leaves the file to the general way."""
    try:
        return _compared(object_reading._read_usual(Window(BytesIO(data))))
    except UnusualError:
        return None
    except Part10Error as error:
        return [str(error)]


def _read(data: bytes) -> list[object]:
    try:
        return _compared(read_object(data))
    except (Part10Error, DicomJsonError) as error:
        return [str(error)]


def _generally(data: bytes) -> list[object]:
    try:
        return _compared(object_reading._read_any(BytesIO(data)))
    except (Part10Error, DicomJsonError) as error:
        return [str(error)]


@pytest.mark.parametrize("data", USUAL)
def test_a_usual_file_is_read_in_one_pass(data: bytes) -> None:
    assert _usually(data) == _generally(data)


@pytest.mark.parametrize(
    "data",
    [
        *FILES[2:],
        b"",
        bytes(200),
        file(data_set() + b"\0" * 6, EXPLICIT),
        file(data_set() + element(0x00100010, "PN", "out of order"), EXPLICIT),
        file(data_set() + element(0x00720071, "UN", b"ab"), EXPLICIT),
        file(data_set() + element(0x00720072, "DS", "no number "), EXPLICIT),
        file(data_set() + element(0x00720069, "OB", bytes(BLOCK_BYTES)), EXPLICIT),
        file(data_set() + element(0x7FE00010, "OB", b"1234") + element(0xFFFCFFFC, "OB", b"12"), EXPLICIT),
    ],
)
def test_anything_unusual_is_left_to_the_general_way(data: bytes) -> None:
    assert _usually(data) is None
    assert _read(data) == _generally(data)


@pytest.mark.parametrize("data", USUAL)
def test_a_mutant_is_read_alike_both_ways(data: bytes) -> None:
    source = random.Random(data)
    in_one_pass = 0
    for _ in range(600):
        spoilt = mutant(source, data[: 2 * BLOCK_BYTES], 132)
        usual = _usually(spoilt)
        if usual is not None:
            in_one_pass += 1
            assert usual == _generally(spoilt)
    assert in_one_pass > 20, "the changes are too coarse: nothing was read in one pass"


def test_sequences_nested_too_deep_are_left_to_the_general_way() -> None:
    nested = element(0x00400009, "SH", "x")
    for _ in range(40):
        nested = sequence(0x00400275, [nested])
    with pytest.raises(UnusualError):
        read_usual(nested, 0, len(nested))


def test_endless_values_are_left_to_the_general_way() -> None:
    many = element(0x00080008, "CS", "\\" * 4000)
    with pytest.raises(UnusualError):
        read_usual(many, 0, len(many))
