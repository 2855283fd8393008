"""Data sets of requests: what is refused before anything looks into them."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.services.commitment.documents import read_request, response
from dicomweb.services.commitment.values import FailureReason, Reference, Verdict
from dicomweb.services.data_sets import DataSetError, read_data_set
from tests.unit.dicomweb.services.samples import element, wanted

JSON = "application/dicom+json"


def nested(depth: int) -> bytes:
    return b'{"00081199":{"vr":"SQ","Value":[' * depth + b"{}" + b"]}}" * depth


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "JSON"),
        (b"[]", "array of objects"),
        (b"[{},{}]", "more than one"),
        (b'{"PatientID":{"vr":"LO"}}', "no tag"),
        (b'{"0010002a":{"vr":"LO"}}', "no tag"),
        (b'{"00020010":{"vr":"UI"}}', "no tag"),
        (b'{"00100020":{"vr":"XX"}}', "no VR"),
        (b'{"00100020":[]}', "no VR"),
        (b'{"00100020":{"vr":["LO"]}}', "no VR"),
        (b'{"00100020":{"vr":"LO","Value":"P"}}', "no array"),
        (b'{"00100020":{"vr":"LO","Value":[7]}}', "00100020: a value that is no text"),
        (b'{"00100020":{"vr":"OB","BulkDataURI":"http://elsewhere"}}', "other than"),
        (b'{"00100020":{"vr":"OB","InlineBinary":"!"}}', "base64"),
        (b'{"00100020":{"vr":"OB","InlineBinary":"AA==","Value":[]}}', "both"),
        (b'{"00081199":{"vr":"SQ","Value":["a"]}}', "no object"),
        (nested(13), "nested deeper"),
        (nested(300), "nested deeper"),
        (nested(20_000), "no JSON"),
    ],
)
def test_what_is_no_data_set_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(DataSetError, match=words):
        read_data_set(JSON, text)


def test_too_many_elements_are_refused() -> None:
    items = [{"00100020": {"vr": "LO"}}] * 20_001
    with pytest.raises(DataSetError, match="more than 20000"):
        read_data_set(JSON, orjson.dumps({"00081199": {"vr": "SQ", "Value": items}}))


def test_a_data_set_comes_back_in_order_and_in_unicode() -> None:
    text = orjson.dumps({"00100020": element("LO", "P"), "00080005": element("CS", "ISO_IR 149")})
    assert list(read_data_set(JSON, text).items()) == [
        ("00080005", element("CS", "ISO_IR 192")),
        ("00100020", element("LO", "P")),
    ]


def test_xml_says_the_same_as_json() -> None:
    text = (
        b'<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">'
        b'<DicomAttribute tag="00741000" vr="CS"><Value number="1">SCHEDULED</Value></DicomAttribute>'
        b"</NativeDicomModel>"
    )
    assert read_data_set("application/dicom+xml", text) == {"00741000": element("CS", "SCHEDULED")}


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["00081199", "00100020", "vr", "Value", "InlineBinary", "x"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    ).map(lambda value: orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_SUBCLASS) if _small(value) else b"{}")
)
def test_whatever_comes_is_a_data_set_or_an_error_with_words(text: bytes) -> None:
    with suppress(DataSetError):
        read_data_set(JSON, text)


def _small(value: object) -> bool:
    """Whether JSON can say it: no integer of more than 64 bits."""
    if isinstance(value, int):
        return abs(value) < 2**63
    if isinstance(value, list):
        return all(map(_small, value))
    return not isinstance(value, dict) or all(map(_small, value.values()))


# -- storage commitment


def reference(sop_class: str = "1.2.3", instance: str = "1.2.4") -> dict[str, object]:
    return {"00081150": element("UI", sop_class), "00081155": element("UI", instance)}


@pytest.mark.parametrize(
    "members",
    [
        {},
        wanted(),
        {"00081199": element("SQ")},
        {"00081199": element("SQ", {})},
        {"00081199": element("SQ", reference(), reference(instance="../x"))},
        {"00081110": element("SQ", {"0020000D": element("UI", "1.2.3")})},
    ],
)
def test_a_request_for_commitment_names_instances(members: dict[str, object]) -> None:
    with pytest.raises(DataSetError, match="ReferencedSOPSequence"):
        read_request(members, 10)


def test_a_request_for_commitment_is_bounded() -> None:
    items = [reference(instance=f"1.2.{number}") for number in range(11)]
    with pytest.raises(DataSetError, match="more than 10"):
        read_request({"00081199": element("SQ", *items)}, 10)


def test_an_instance_that_is_named_twice_is_looked_at_once() -> None:
    assert read_request({"00081199": element("SQ", reference(), reference())}, 10) == [Reference("1.2.3", "1.2.4")]


def test_the_answer_tells_what_is_committed_from_what_is_not() -> None:
    kept, lost = (
        Verdict(Reference("1.2.3", "1.2.4"), None),
        Verdict(Reference("1.2.3", "1.2.5"), FailureReason.NO_SUCH_INSTANCE),
    )
    answer = response([kept, lost])
    assert answer["00081199"]["Value"] == [reference()]
    assert answer["00081198"]["Value"] == [reference(instance="1.2.5") | {"00081197": element("US", 0x0112)}]
