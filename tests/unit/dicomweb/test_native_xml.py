"""The Native DICOM Model, out and in (PS3.19 A.1)."""

from contextlib import suppress
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.dicom_json import to_json
from dicomweb.part10 import read_part10
from dicomweb.xml.names import NAMESPACE
from dicomweb.xml.reading import NativeModelError, read_native_model
from dicomweb.xml.writing import to_xml
from tests.unit.dicomweb.samples import element, photo, sequence

_XML = f'<NativeDicomModel xmlns="{NAMESPACE}">%s</NativeDicomModel>'


def _read(inner: str) -> dict[str, Any]:
    return read_native_model([(_XML % inner).encode()])


def test_a_document_type_is_refused_before_any_entity_is_read() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + _XML % "&b;"
    with pytest.raises(NativeModelError, match="document type"):
        read_native_model([bomb.encode()])


@pytest.mark.parametrize(
    "inner",
    [
        "<DicomAttribute>",
        "text",
        "<Value/>",
        '<DicomAttribute tag="0010001" vr="PN"/>',
        '<DicomAttribute tag="00100010"/>',
        '<DicomAttribute tag="00100020" vr="LO"/><DicomAttribute tag="00100020" vr="LO"/>',
        '<DicomAttribute tag="00100020" vr="LO"><Value>a</Value></DicomAttribute>',
        '<DicomAttribute tag="00100020" vr="LO"><Value number="1"/><Value number="1"/></DicomAttribute>',
        '<DicomAttribute tag="00100020" vr="LO"><Value number="999999999">a</Value></DicomAttribute>',
        '<DicomAttribute tag="00100020" vr="LO"><Value number="1"><b/></Value></DicomAttribute>',
        '<DicomAttribute tag="00100010" vr="PN"><PersonName number="1"><Other/></PersonName></DicomAttribute>',
        '<DicomAttribute tag="7FE00010" vr="OB"><BulkData/></DicomAttribute>',
        '<script xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_what_is_no_native_model_is_refused_with_the_line(inner: str) -> None:
    with pytest.raises(NativeModelError, match="line 1"):
        _read(inner)


def test_another_document_and_an_unknown_encoding_are_refused() -> None:
    for text in (b"<html/>", b"", b'<?xml version="1.0" encoding="klingon"?><NativeDicomModel/>', b"\xff\xfe\xff"):
        with pytest.raises(NativeModelError):
            read_native_model([text])


def test_depth_is_bounded() -> None:
    deep = '<DicomAttribute tag="00400555" vr="SQ"><Item number="1">' * 10_000
    with pytest.raises(NativeModelError, match="deeper"):
        _read(deep)


def test_the_number_of_elements_is_bounded() -> None:
    many = "".join(f'<Value number="{number}"/>' for number in range(1, 200_001))
    with pytest.raises(NativeModelError, match="more than"):
        _read(f'<DicomAttribute tag="00081160" vr="IS">{many}</DicomAttribute>')


def test_errors_tell_no_value() -> None:
    with pytest.raises(NativeModelError) as caught:
        _read("Hong^Gildong")
    assert "Hong" not in str(caught.value)


def test_an_object_survives_the_way_out_and_in() -> None:
    extra = [
        (0x00080100, element(0x00080100, "SH", "a<b>&\"c'")),
        (0x00080008, element(0x00080008, "CS", "DERIVED\\SECONDARY\\\\LAB")),
        (0x00091001, element(0x00091001, "LO", "private")),
        (0x00090010, element(0x00090010, "LO", "ACME & co")),
        (0x00280009, element(0x00280009, "AT", b"\x18\x00\x63\x10")),
        (0x00400555, sequence(0x00400555, [element(0x00080104, "LO", "피부"), b""])),
        (0x00104000, element(0x00104000, "LT", "two\r\nlines")),
    ]
    part10 = read_part10(photo(extra=extra))
    members = to_json(part10.header, part10.bulk)
    assert _as_text(read_native_model([to_xml(members)])) == _as_text(members)


def test_private_elements_name_their_creator_and_known_ones_their_keyword() -> None:
    part10 = read_part10(
        photo(
            extra=[
                (0x00091001, element(0x00091001, "LO", "x")),
                (0x00090010, element(0x00090010, "LO", "ACME")),
            ]
        )
    )
    root = ElementTree.fromstring(to_xml(to_json(part10.header, part10.bulk)))
    attributes = {one.get("tag"): one for one in root}
    assert attributes["00091001"].get("privateCreator") == "ACME"
    assert attributes["00100010"].get("keyword") == "PatientName"
    assert [one.tag.split("}")[1] for one in attributes["00100010"].iter()][:4] == [
        "DicomAttribute",
        "PersonName",
        "Alphabetic",
        "FamilyName",
    ]


@given(st.text(max_size=40))
def test_whatever_a_value_holds_the_document_stays_well_formed(text: str) -> None:
    document = to_xml({"00104000": {"vr": "LT", "Value": [text]}, "7FE00010": {"vr": "OB", "BulkDataURI": text}})
    read = read_native_model([document])
    assert read["00104000"].get("Value", [None])[0] == (_sayable(text) or None)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_model_or_an_error(data: bytes) -> None:
    with suppress(NativeModelError):
        read_native_model([data[:50], data[50:]])


def _sayable(text: str) -> str:
    def is_sayable(char: str) -> bool:
        code = ord(char)
        return code in (9, 10, 13) or (code >= 32 and code not in (127, 0xFFFE, 0xFFFF) and not 0xD800 <= code < 0xE000)

    return "".join(char if is_sayable(char) else "\ufffd" for char in text)


def _as_text(value: Any) -> Any:
    """Numbers as text: the XML model knows text only."""
    if isinstance(value, dict):
        return {key: _as_text(one) for key, one in value.items() if one != {"Alphabetic": ""}}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return str(value) if isinstance(value, int | float) else value
