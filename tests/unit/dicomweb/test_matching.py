"""Attribute matching of PS3.4 C.2.2.2."""

import time
import unicodedata
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.archive import Level
from dicomweb.matching import object_matches, value_matches, wildcard
from dicomweb.query import PathKeys, parse_query

NAME = "Hong^Gildong=洪^吉洞=홍^길동"


@pytest.mark.parametrize(
    ("vr", "key", "value", "expected"),
    [
        ("LO", "P-1", "P-1", True),
        ("LO", "P-1", "p-1", False),
        ("LO", "P-", "P-1", False),
        ("LO", "P-?", "P-1", True),
        ("LO", "P-?", "P-12", False),
        ("LO", "P*2", "P-12", True),
        ("LO", "a.c", "abc", False),
        ("LO", "***" * 50 + "x", "a" * 200, False),
        ("DA", "20240115", "20240115", True),
        ("DA", "20240101-20240115", "20240115", True),
        ("DA", "20240101-", "20231231", False),
        ("DA", "-20240101", "20240101", True),
        ("TM", "10-11", "101500.25", True),
        ("TM", "10-11", "115959", True),
        ("TM", "10-11", "120000", False),
        ("TM", "1015", "101559", True),
        ("TM", "110001-", "1100", False),
        ("DT", "2024-202406", "20240615120000+0900", True),
        ("DT", "20240615120000+0900-", "20240615115959", False),
        ("IS", "1", "01", True),
        ("IS", "1", "10", False),
        ("UI", "1.2", "1.2.3", False),
        ("PN", "hong^gildong", NAME, True),
        ("PN", "홍*", NAME, True),
        ("PN", "洪^吉洞", NAME, True),
        ("PN", "Hong", NAME, False),
        ("PN", "*gil*", NAME, True),
        ("PN", "Hong^Gildong^^", "Hong^Gildong", True),
        ("PN", unicodedata.normalize("NFD", "홍^길동"), NAME, True),
    ],
)
def test_one_value_against_one_key(vr: str, key: str, value: str, *, expected: bool) -> None:
    assert value_matches(vr, key, value) is expected


def matches(query: str, attributes: dict[str, object]) -> bool:
    return object_matches(parse_query(query, Level.STUDY, PathKeys()).search.keys, attributes)


def test_universal_keys_match_what_is_absent_and_others_do_not() -> None:
    assert matches("AccessionNumber=&PatientID=*", {})
    assert not matches("AccessionNumber=1", {})
    assert not matches("AccessionNumber=1", {"00080050": {"vr": "SH"}})


def test_all_keys_must_match_and_any_of_several_values_is_enough() -> None:
    attributes: dict[str, object] = {
        "00080061": {"vr": "CS", "Value": ["OT", "XC"]},
        "00100020": {"vr": "LO", "Value": ["P-1"]},
    }
    assert matches("ModalitiesInStudy=XC&PatientID=P-1", attributes)
    assert not matches("ModalitiesInStudy=XC&PatientID=P-2", attributes)


def test_sequence_keys_match_when_one_item_does() -> None:
    item = {"00400009": {"vr": "SH", "Value": ["SPS1"]}}
    attributes: dict[str, object] = {"00400275": {"vr": "SQ", "Value": [{}, item]}}
    assert matches("RequestAttributesSequence.ScheduledProcedureStepID=SPS?", attributes)
    assert not matches("RequestAttributesSequence.ScheduledProcedureStepID=X", attributes)
    assert not matches("RequestAttributesSequence.ScheduledProcedureStepID=X", {})
    assert matches("RequestAttributesSequence.ScheduledProcedureStepID=", {})


def test_text_in_the_place_of_a_sequence_matches_no_item() -> None:
    text: dict[str, object] = {"00400275": {"vr": "LO", "Value": ["SPS1"]}}
    assert not matches("RequestAttributesSequence.ScheduledProcedureStepID=SPS1", text)


def test_uid_lists_match_any_of_theirs() -> None:
    attributes: dict[str, object] = {"0020000D": {"vr": "UI", "Value": ["1.3"]}}
    assert matches("StudyInstanceUID=1.2,1.3", attributes)
    assert not matches("StudyInstanceUID=1.2,1.4", attributes)


@pytest.mark.parametrize("pattern", ["*a" * 12 + "*b", "a*" * 500 + "b"])
def test_a_pattern_of_many_stars_takes_no_time(pattern: str) -> None:
    """A backtracking expression would try every way to divide the value among the stars."""
    begun = time.process_time()
    assert not value_matches("LO", pattern, "a" * 2000)
    assert time.process_time() - begun < 1


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_patterns_match_as_file_names_do(pattern: str, value: str) -> None:
    assert (wildcard(pattern).fullmatch(value) is not None) is fnmatchcase(value, pattern)
