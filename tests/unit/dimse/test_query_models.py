"""What an identifier must and may hold, in each information model."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dimse.query_models import (
    PATIENT_ID,
    PATIENT_ROOT_FIND,
    QUERY_RETRIEVE_LEVEL,
    SERIES_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    STUDY_ROOT_FIND,
    Asked,
    checked_query,
)
from dimse.querying import FindStatus, QueryLevel, QueryRefused

BOTH = [PATIENT_ROOT_FIND, STUDY_ROOT_FIND]


def identifier(level: str | None = "STUDY", **keys: Any) -> Dataset:
    """An identifier as a `Finder` reads it."""
    return unchecked(QueryRetrieveLevel=level, **keys)


def unchecked(**keys: Any) -> Dataset:
    made = Dataset()
    for keyword, value in keys.items():
        if value is not None:
            tag = Tag(keyword)
            vr = dictionary_VR(tag)
            made[tag] = DataElement(tag, vr, value, already_converted=True, validation_mode=config.IGNORE)
    return made


def refusal(given_identifier: Dataset, sop_class: str = STUDY_ROOT_FIND, *, relational: bool = False) -> QueryRefused:
    with pytest.raises(QueryRefused) as caught:
        checked_query(given_identifier, sop_class, relational=relational)
    return caught.value


def asked(given_identifier: Dataset, sop_class: str = STUDY_ROOT_FIND, *, relational: bool = False) -> Asked:
    return checked_query(given_identifier, sop_class, relational=relational)


@pytest.mark.parametrize("sop_class", BOTH)
@pytest.mark.parametrize("level", [None, "", "FRAME", "study", "STUDY\\SERIES"])
def test_a_level_that_the_model_has_not_is_refused(level: str | None, sop_class: str) -> None:
    refused = refusal(identifier(level, PatientID="P"), sop_class)
    assert (refused.status, refused.tag) == (FindStatus.IDENTIFIER_MISMATCH, QUERY_RETRIEVE_LEVEL)


def test_patients_are_no_level_of_study_root() -> None:
    assert refusal(identifier("PATIENT")).status == FindStatus.IDENTIFIER_MISMATCH
    assert asked(identifier("PATIENT"), PATIENT_ROOT_FIND).level is QueryLevel.PATIENT


@pytest.mark.parametrize("value", [None, "", "*", "1.2.3*", MultiValue(str, ["1.2.3", "1.2.4"])])
def test_a_hierarchical_query_needs_one_value_of_each_unique_key_above(value: object) -> None:
    refused = refusal(identifier("SERIES", StudyInstanceUID=value))
    assert refused.status in (FindStatus.IDENTIFIER_MISMATCH, FindStatus.UNABLE_TO_PROCESS)
    assert refused.tag == STUDY_INSTANCE_UID


@pytest.mark.parametrize("value", [None, "", "*", "P*", "P?"])
def test_under_patient_root_the_patient_is_one_of_them(value: str | None) -> None:
    refused = refusal(identifier("STUDY", PatientID=value), PATIENT_ROOT_FIND)
    assert (refused.status, refused.tag) == (FindStatus.IDENTIFIER_MISMATCH, PATIENT_ID)


def test_each_level_above_is_looked_for() -> None:
    refused = refusal(identifier("IMAGE", StudyInstanceUID="1.2"))
    assert (refused.status, refused.tag) == (FindStatus.IDENTIFIER_MISMATCH, SERIES_INSTANCE_UID)


def test_what_is_above_is_told_with_its_value() -> None:
    keys: dict[str, Any] = {"PatientID": "P-1", "StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.3"}
    above = asked(identifier("IMAGE", **keys), PATIENT_ROOT_FIND).above
    assert above == {PATIENT_ID: "P-1", STUDY_INSTANCE_UID: "1.2", SERIES_INSTANCE_UID: "1.3"}


@pytest.mark.parametrize("sop_class", BOTH)
def test_a_relational_query_may_leave_them_out(sop_class: str) -> None:
    query = asked(identifier("IMAGE", StudyInstanceUID=MultiValue(str, ["1.2", "1.3"])), sop_class, relational=True)
    assert query.above == {}
    assert list(query.keys.StudyInstanceUID) == ["1.2", "1.3"]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyDate", "2024-01-01"),
        ("StudyDate", "20240101-20240102-"),
        ("StudyDate", "-"),
        ("StudyDate", "today"),
        ("StudyTime", "2:"),
        ("StudyInstanceUID", "../../etc/passwd"),
        ("StudyInstanceUID", "1." * 40),
        ("StudyInstanceUID", MultiValue(str, ["1.2", "x"])),
        ("PatientName", "\ufffd\ufffd^A"),
    ],
)
def test_a_value_that_nobody_understands_is_refused_and_not_repeated(keyword: str, value: Any) -> None:
    refused = refusal(identifier(**{keyword: value}))
    assert (refused.status, refused.tag) == (FindStatus.UNABLE_TO_PROCESS, Tag(keyword))
    assert str(value) not in refused.words
    assert refused.words.isascii()


@pytest.mark.parametrize(
    ("keyword", "value", "understood"),
    [
        ("StudyDate", "20240101-20240131", "20240101-20240131"),
        ("StudyDate", "20240101-", "20240101-"),
        ("StudyDate", "2024.01.01", "20240101"),
        ("StudyDate", "*", ""),
        ("StudyTime", "10:15:00.5-1200", "101500.5-1200"),
        ("PatientName", " 홍^길* ", "홍^길*"),
        ("PatientName", "**", ""),
        ("PatientID", "P\\Q", "P\\Q"),
        ("StudyInstanceUID", MultiValue(str, ["1.2", "", "1.3"]), ["1.2", "1.3"]),
        ("ModalitiesInStudy", MultiValue(str, ["XC", "DMS"]), ["XC", "DMS"]),
        ("Rows", 7, ""),
        ("StudyID", None, None),
    ],
)
def test_values_are_made_what_a_search_understands(keyword: str, value: Any, understood: object) -> None:
    keys = asked(identifier(**{keyword: value})).keys
    found = keys.get(keyword)
    assert (list(found) if isinstance(found, MultiValue) else found) == understood


def test_what_says_how_to_read_the_identifier_is_no_key() -> None:
    """Nor is the length of a group, which old peers send."""
    told = identifier(SpecificCharacterSet="ISO_IR 192", TimezoneOffsetFromUTC="+0900", PatientID="P")
    told[Tag(0x00100000)] = DataElement(Tag(0x00100000), "UL", 8)
    assert [element.keyword for element in asked(told).keys] == ["PatientID"]


@pytest.mark.parametrize(("value", "wanted"), [(None, False), ("", True), ("ISO_IR 192", True), ("ISO_IR 100", False)])
def test_a_character_set_is_told_to_whoever_asks_for_it(value: str | None, wanted: bool) -> None:
    assert asked(identifier(SpecificCharacterSet=value)).wants_character_set is wanted


def test_values_inside_sequences_are_checked_too() -> None:
    item = unchecked(ScheduledProcedureStepStartDate="yesterday", ScheduledProcedureStepID="S*")
    refused = refusal(identifier(RequestAttributesSequence=Sequence([item])))
    assert refused.status == FindStatus.UNABLE_TO_PROCESS
    item = unchecked(ScheduledProcedureStepStartDate="*", ScheduledProcedureStepID="S*")
    keys = asked(identifier(RequestAttributesSequence=Sequence([item]))).keys.RequestAttributesSequence[0]
    assert (keys.ScheduledProcedureStepStartDate, keys.ScheduledProcedureStepID) == ("", "S*")


KEYWORDS = ["PatientName", "StudyDate", "StudyTime", "StudyInstanceUID", "PatientID"]


@given(st.sampled_from(KEYWORDS), st.text(max_size=80))
def test_any_text_is_understood_or_refused(keyword: str, value: str) -> None:
    with suppress(QueryRefused):
        assert keyword in asked(identifier(**{keyword: value})).keys
