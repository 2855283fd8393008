"""Query strings: what becomes a search, and what is refused without telling the value."""

import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.archive import Level, Search
from dicomweb.query import PathKeys, QueryError, accept_parameter, parse_query


def search(query: str, level: Level = Level.STUDY, path: PathKeys | None = None) -> Search:
    return parse_query(query, level, path or PathKeys()).search


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=abc", "limit"),
        ("limit=-1", "limit"),
        ("offset=1.5", "offset"),
        ("limit=1&limit=2", "limit is given twice"),
        ("PatientID=a&00100020=b", "00100020 is given twice"),
        ("PatientIdd=a", "PatientIdd is neither"),
        ("<script>=1", r"\?script\? is neither"),
        ("StudyDate=Hong", "StudyDate is neither a DA"),
        ("StudyDate=2024-01-15", "StudyDate"),
        ("StudyTime=noon", "StudyTime"),
        ("StudyInstanceUID=1.2,x", "StudyInstanceUID is no list"),
        ("PatientName=%FF", "not UTF-8"),
        ("fuzzymatching=yes", "fuzzymatching"),
        ("PatientName.PatientID=1", "only sequences"),
        ("00990001=1", "no attribute of the data dictionary"),
        (".".join(["RequestAttributesSequence"] * 9) + "=1", "nested deeper"),
        ("&".join(f"{n:08X}=1" for n in range(200)), "more than 100"),
        ("PatientID=" + "x" * 20_000, "longer than"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(query: str, words: str) -> None:
    with pytest.raises(QueryError, match=words) as caught:
        search(query)
    assert "Hong" not in str(caught.value)


@pytest.mark.parametrize("name", ["PatientName", "00100010"])
def test_keyword_and_tag_name_the_same_key_and_values_are_decoded(name: str) -> None:
    keys = search(f"{name}={quote('홍^길동*')}").keys
    assert keys.PatientName == "홍^길동*"


def test_uid_lists_are_taken_by_comma_and_by_backslash() -> None:
    for separator in (",", "%2C", "%5C"):
        assert list(search(f"StudyInstanceUID=1.2{separator}1.3").keys.StudyInstanceUID) == ["1.2", "1.3"]


@pytest.mark.parametrize("value", ["", "*", "**"])
def test_empty_and_star_match_everything(value: str) -> None:
    assert search(f"StudyDate={value}&StudyInstanceUID={value}").keys.StudyDate == ""


def test_nested_keys_share_one_item() -> None:
    keys = search("RequestAttributesSequence.00400009=S&00400275.RequestedProcedureID=R").keys
    (item,) = keys.RequestAttributesSequence
    assert (item.ScheduledProcedureStepID, item.RequestedProcedureID) == ("S", "R")


def test_keys_are_returned_too_and_fields_are_included_by_list_and_repetition() -> None:
    include = search(
        "StudyDescription=x&includefield=00081030,00080005&includefield=PatientAge&includefield=junk"
    ).include
    assert include is not None
    assert include == {0x00081030, 0x00080005, 0x00101010}
    assert search("includefield=all").include is None


def test_an_unknown_includefield_is_left_out_with_a_warning() -> None:
    (warning,) = parse_query("includefield=junk", Level.STUDY, PathKeys()).warnings
    assert "includefield" in warning


def test_fuzzy_matching_is_taken_and_other_ways_of_matching_are_said_to_be_unsupported() -> None:
    for value, expected in (("true", True), ("false", False)):
        parsed = parse_query(f"fuzzymatching={value}", Level.STUDY, PathKeys())
        assert (parsed.search.fuzzy_names, parsed.warnings) == (expected, [])
    assert not search("").fuzzy_names
    assert parse_query("emptyvaluematching=true", Level.STUDY, PathKeys()).warnings


def test_uids_of_the_path_are_keys_and_may_not_be_contradicted() -> None:
    path = PathKeys("1.2", "1.3")
    keys = search("", Level.INSTANCE, path).keys
    assert (keys.StudyInstanceUID, keys.SeriesInstanceUID) == ("1.2", "1.3")
    with pytest.raises(QueryError, match="path"):
        search("StudyInstanceUID=1.9", Level.INSTANCE, path)


def test_a_search_without_its_study_returns_study_attributes_too() -> None:
    assert 0x00100010 in (search("", Level.SERIES).include or ())
    assert 0x00100010 not in (search("", Level.SERIES, PathKeys("1.2")).include or ())
    assert 0x00080060 in (search("", Level.INSTANCE, PathKeys("1.2")).include or ())


def test_limits_are_bounded() -> None:
    assert search("limit=100000").limit == 1000
    assert (search("").limit, search("offset=7").offset) == (100, 7)


def test_a_plus_is_a_space_in_values_but_a_plus_in_accept() -> None:
    assert search("PatientName=Hong+G").keys.PatientName == "Hong G"
    assert accept_parameter("a=b&accept=application/dicom+json") == "application/dicom+json"
    assert accept_parameter("a=b") is None


@given(st.text(alphabet="PatientIDStudy.0020=&%*,-\\all ", max_size=60))
def test_any_query_is_a_search_or_refused(query: str) -> None:
    with contextlib.suppress(QueryError):
        search(query)


@pytest.mark.parametrize(
    ("query", "warned"),
    [
        ("Manufacturer=X", True),
        ("Manufacturer=", False),
        ("Manufacturer=*", False),
        ("PatientID=X", False),
        ("RequestAttributesSequence.00400009=X", False),
        ("RequestAttributesSequence.00400007=X", True),
    ],
)
def test_a_client_is_warned_of_a_key_that_the_archive_does_not_match_by(query: str, warned: bool) -> None:
    matchable = frozenset({0x00100020, 0x00400275, 0x00400009})
    parsed = parse_query(query, Level.INSTANCE, PathKeys(), matchable=matchable)
    assert bool(parsed.warnings) is warned
    assert not parse_query(query, Level.INSTANCE, PathKeys()).warnings
