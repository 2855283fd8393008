"""Answers: every key asked for, as a data set that can be encoded, in a character set that is told."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pynetdicom.dsutils import decode

from dimse.query_answers import LONGEST_VALUE_BYTES, AnswerEncoder
from dimse.query_models import PATIENT_ID, Asked
from dimse.querying import JsonObject, QueryLevel

KOREAN = {"Alphabetic": "HONG^Gildong", "Ideographic": "洪^吉洞", "Phonetic": "홍^길동"}


def keys(*keywords: str) -> Dataset:
    made = Dataset()
    for keyword in keywords:
        setattr(made, keyword, [] if keyword.endswith("Sequence") else None)
    return made


def sent(asked: Asked, known: JsonObject, *, implicit: bool = False) -> Dataset:
    """The answer as a peer decodes it."""
    encoded = AnswerEncoder(asked, implicit=implicit).encode(known)
    assert len(encoded) % 2 == 0
    return decode(io.BytesIO(encoded), implicit, True)


def asking(*keywords: str, **facts: Any) -> Asked:
    return Asked(QueryLevel.STUDY, keys(*keywords), **{"above": {}, **facts})


@pytest.mark.parametrize("implicit", [True, False])
def test_every_key_comes_back_and_no_other(implicit: bool) -> None:
    """Whether it is known, known to be empty, or unknown."""
    known = {
        "00100020": {"vr": "LO", "Value": ["P-1"]},
        "00100030": {"vr": "DA"},
        "00201208": {"vr": "IS", "Value": [12]},
        "00080061": {"vr": "CS", "Value": ["DMS", "XC"]},
        "00100040": {"vr": "CS", "Value": ["F"]},
    }
    names = ("PatientID", "PatientBirthDate", "NumberOfStudyRelatedInstances", "ModalitiesInStudy", "StudyID", "Rows")
    found = sent(asking(*names, "RequestAttributesSequence"), known, implicit=implicit)
    told = {element.keyword for element in found}
    assert told == {*names, "RequestAttributesSequence", "QueryRetrieveLevel"}
    assert (found.PatientID, found.NumberOfStudyRelatedInstances) == ("P-1", 12)
    assert list(found.ModalitiesInStudy) == ["DMS", "XC"]
    assert found.QueryRetrieveLevel == "STUDY"
    for empty in ("PatientBirthDate", "StudyID", "Rows", "RequestAttributesSequence"):
        assert not found[empty].value


def test_korean_names_are_unicode_which_is_said() -> None:
    found = sent(asking("PatientName"), {"00100010": {"vr": "PN", "Value": [KOREAN]}})
    assert found.SpecificCharacterSet == "ISO_IR 192"
    assert found.PatientName == "HONG^Gildong=洪^吉洞=홍^길동"


def test_a_name_of_one_group_keeps_its_place() -> None:
    found = sent(asking("PatientName"), {"00100010": {"vr": "PN", "Value": [{"Phonetic": "홍^길동"}]}})
    assert found.PatientName == "==홍^길동"


def test_plain_ascii_needs_no_character_set_unless_it_was_asked_for() -> None:
    known = {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Hong^Gildong"}]}}
    assert "SpecificCharacterSet" not in sent(asking("PatientName"), known)
    assert sent(asking("PatientName", wants_character_set=True), known).SpecificCharacterSet == "ISO_IR 192"


def test_unique_keys_above_come_back_as_they_were_given() -> None:
    known = {"00100020": {"vr": "LO", "Value": ["other"]}}
    found = sent(asking("StudyInstanceUID", above={PATIENT_ID: "환자-1"}), known)
    assert (found.PatientID, found.SpecificCharacterSet) == ("환자-1", "ISO_IR 192")


def test_a_sequence_comes_back_whole_or_cut_to_what_its_item_asks_for() -> None:
    step, procedure = {"vr": "SH", "Value": ["스텝"]}, {"vr": "SH", "Value": ["RP"]}
    item = {"00400008": {"vr": "SQ"}, "00400009": step, "00401001": procedure}
    known = {"00400275": {"vr": "SQ", "Value": [item, {}]}}
    whole = sent(asking("RequestAttributesSequence"), known)
    assert [len(one) for one in whole.RequestAttributesSequence] == [3, 0]
    assert whole.SpecificCharacterSet == "ISO_IR 192"
    some = asking()
    some.keys.RequestAttributesSequence = Sequence([keys("RequestedProcedureID", "RequestedProcedureDescription")])
    cut = sent(some, known).RequestAttributesSequence
    assert [[str(element.value or "") for element in one] for one in cut] == [["", "RP"], ["", ""]]


@pytest.mark.parametrize(
    ("keyword", "member", "value"),
    [
        ("PatientWeight", {"vr": "DS", "Value": [0.1 + 0.2]}, 0.3),
        ("PatientWeight", {"vr": "DS", "Value": [70, "71.5"]}, [70, 71.5]),
        ("FrameIncrementPointer", {"vr": "AT", "Value": ["00181063"]}, 0x00181063),
        ("Rows", {"vr": "US", "Value": [3000]}, 3000),
        ("RecommendedDisplayFrameRateInFloat", {"vr": "FL", "Value": ["NaN"]}, "nan"),
        ("ICCProfile", {"vr": "OB", "InlineBinary": "AQID"}, b"\1\2\3\0"),
        ("ICCProfile", {"vr": "OB", "BulkDataURI": "bulkdata/00282000"}, None),
        ("ICCProfile", {"vr": "OB", "InlineBinary": "?"}, None),
        ("Rows", {"vr": "US", "Value": ["many"]}, None),
        ("StudyDescription", {"vr": "LO", "Value": ["x" * (LONGEST_VALUE_BYTES + 1)]}, ""),
        ("OtherPatientNames", {"vr": "PN", "Value": [{"Alphabetic": "A"}, None, {"Alphabetic": "B"}]}, ["A", "", "B"]),
    ],
)
def test_values_of_every_kind(keyword: str, member: dict[str, Any], value: object) -> None:
    tag = Tag(keyword)
    asked = Asked(QueryLevel.IMAGE, Dataset(), {})
    asked.keys.add_new(tag, member["vr"], None)
    found = sent(asked, {f"{tag:08X}": member})[tag].value
    if isinstance(value, list):
        assert list(found) == value
    elif value == "nan":
        assert found != found  # noqa: PLR0124 - NaN
    elif isinstance(value, float):
        assert found == pytest.approx(value)
    else:
        assert found == value


texts = st.text(st.characters(codec="utf-8"), max_size=40)
members = st.one_of(
    st.tuples(st.just("PN"), st.none() | st.dictionaries(st.sampled_from([*KOREAN]), texts)),
    st.tuples(st.sampled_from(["LO", "SH", "UT", "CS", "DA", "TM", "DT", "UI", "AS"]), st.none() | texts),
    st.tuples(st.sampled_from(["IS", "DS"]), st.none() | st.integers() | st.floats(allow_nan=False) | texts),
    st.tuples(st.just("FD"), st.floats() | st.sampled_from(["NaN", "Infinity", "-Infinity"])),
    st.tuples(st.just("US"), st.integers(0, 2**16 - 1)),
)


@given(st.lists(members, max_size=5), st.booleans())
def test_whatever_objects_hold_can_be_sent(found: list[tuple[str, object]], implicit: bool) -> None:
    asked = asking()
    known: dict[str, dict[str, object]] = {}
    for number, (vr, value) in enumerate(found):
        asked.keys.add_new(0x00110010 + number, vr, None)
        known[f"{0x00110010 + number:08X}"] = {"vr": vr, "Value": [value, value]}
    encoded = AnswerEncoder(asked, implicit=implicit).encode(known)
    assert len(decode(io.BytesIO(encoded), implicit, True)) >= len(found) + 1
