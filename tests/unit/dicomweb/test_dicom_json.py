"""The DICOM JSON model: what pydicom writes wrongly is right here, and it can be read back."""

import json

import pytest

from dicomweb.archive import JsonObject, Span
from dicomweb.dicom_json import to_json
from dicomweb.part10 import read_part10
from dicomweb.walker import BulkValue
from tests.unit.dicomweb.samples import element, part10, sequence


def members_of(data_set: bytes) -> JsonObject:
    read = read_part10(part10(data_set))
    return to_json(read.header, read.bulk)


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (element(0x00200020, "CS", ""), {"vr": "CS"}),
        (element(0x00100010, "PN", ""), {"vr": "PN"}),
        (sequence(0x00400555, []), {"vr": "SQ"}),
        (sequence(0x00082218, [b""]), {"vr": "SQ", "Value": [{}]}),
        (element(0x00080008, "CS", "A\\\\B"), {"vr": "CS", "Value": ["A", None, "B"]}),
        (
            element(0x00081048, "PN", "One^A\\\\Two^B"),
            {
                "vr": "PN",
                "Value": [{"Alphabetic": "One^A"}, None, {"Alphabetic": "Two^B"}],
            },
        ),
        (element(0x00280009, "AT", b"\x18\0\x63\x10"), {"vr": "AT", "Value": ["00181063"]}),
        (element(0x00101020, "DS", " 1.75 "), {"vr": "DS", "Value": [1.75]}),
        (element(0x00101020, "DS", "1e9999"), {"vr": "DS", "Value": ["1e9999"]}),
        (element(0x00200013, "IS", "+7"), {"vr": "IS", "Value": [7]}),
        (element(0x00189073, "FD", b"\0\0\0\0\0\0\xf8\x7f"), {"vr": "FD", "Value": ["NaN"]}),
        (element(0x00082112, "UV", b"\xff" * 8), {"vr": "UV", "Value": ["18446744073709551615"]}),
        (element(0x00991001, "OB", b"\1\2\3\4"), {"vr": "OB", "InlineBinary": "AQIDBA=="}),
        (element(0x00080005, "CS", "ISO_IR 100"), {"vr": "CS", "Value": ["ISO_IR 192"]}),
        (element(0x00204000, "LT", 'a\r\n"b"\\c'), {"vr": "LT", "Value": ['a\r\n"b"\\c']}),
    ],
)
def test_each_kind_of_value_is_told_as_annex_f_wants(encoded: bytes, expected: JsonObject) -> None:
    (member,) = members_of(encoded).values()
    assert member == expected
    json.dumps(member, allow_nan=False)


def test_names_have_their_component_groups() -> None:
    encoded = element(0x00080005, "CS", "ISO_IR 192") + element(0x00100010, "PN", "Hong^G==홍^길동")
    member = members_of(encoded)["00100010"]
    assert member["Value"] == [{"Alphabetic": "Hong^G", "Phonetic": "홍^길동"}]


def test_keys_ascend_and_neither_file_meta_nor_group_lengths_appear() -> None:
    read = read_part10(part10(element(0x00080000, "UL", 12) + element(0x00080060, "CS", "XC")))
    read.header.add(read.file_meta["TransferSyntaxUID"])
    bulk = {"7FE00010": BulkValue("OB", ()), "00082111": BulkValue("OB", (Span(1, 2),))}
    assert list(to_json(read.header, bulk)) == ["00080060", "00082111", "7FE00010"]


def test_bulk_values_are_named_by_their_path_also_inside_sequences() -> None:
    members = members_of(sequence(0x00880200, [element(0x7FE00010, "OB", bytes(2000))]))
    assert members["00880200"]["Value"][0]["7FE00010"] == {
        "vr": "OB",
        "BulkDataURI": "bulkdata/00880200/1/7FE00010",
    }
