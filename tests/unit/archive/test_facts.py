"""What the index keeps of a header."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.dicom_json import to_json
from gateway.archive.errors import StudyMismatch
from gateway.archive.facts import Facts, read_facts
from gateway.archive.normal_forms import plain_date, plain_names, plain_text, plain_time
from gateway.archive.tables import NUMBER_UNKNOWN, TEXT_LENGTH
from tests.unit.archive.samples import photo


def facts(**attributes: Any) -> Facts:
    ds = photo(**attributes)
    del ds.PixelData
    return read_facts(to_json(ds))


def test_a_patient_id_that_had_to_be_cut_is_refused_not_merged() -> None:
    with pytest.raises(StudyMismatch):
        facts(PatientID="7" * 300)


def test_a_patient_without_an_id_is_known_by_the_study() -> None:
    found = facts(PatientID="", StudyInstanceUID="1.2.3", IssuerOfPatientID="X")
    assert (found.patient.issuer_of_patient_id, found.patient.patient_id) == ("", "UNID-1.2.3")


def test_a_name_is_found_by_its_whole_and_by_each_group() -> None:
    assert facts(PatientName="HONG^Gildong=洪^吉洞=홍^길동").patient.names.forms == (
        "hong^gildong=洪^吉洞=홍^길동",
        "hong^gildong",
        "洪^吉洞",
        "홍^길동",
    )


@pytest.mark.parametrize(("number", "kept"), [(7, 7), ("", NUMBER_UNKNOWN), (None, NUMBER_UNKNOWN)])
def test_an_unknown_number_sorts_last(number: object, kept: int) -> None:
    assert facts(InstanceNumber=number).instance.instance_number == kept


def test_a_very_long_attribute_is_not_kept_for_searches() -> None:
    found = facts(StudyDescription="x" * 60_000)
    assert "00081030" not in found.study.attributes
    assert len(found.study.description) == TEXT_LENGTH


def test_each_level_keeps_its_own_attributes() -> None:
    found = facts()
    assert set(found.patient.attributes) >= {"00100010", "00100020"}
    assert set(found.study.attributes) >= {"00080020", "0020000D"}
    assert set(found.series.attributes) == {"00080060", "0020000E", "00200011"}
    assert {"00080018", "00280010"} <= set(found.instance.attributes)


@pytest.mark.parametrize(
    ("text", "kept"), [("20260102", "20260102"), ("2026.01.02", "20260102"), ("2026", ""), ("yesterday", ""), ("", "")]
)
def test_dates(text: str, kept: str) -> None:
    assert plain_date(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"), [("10", "100000"), ("10:15:30", "101530"), ("101530.5", "101530.5"), ("x", "")]
)
def test_times(text: str, kept: str) -> None:
    assert plain_time(text) == kept


@given(st.text(max_size=600))
def test_any_text_fits_its_column(text: str) -> None:
    for kept in (plain_text(text), *plain_names(text)):
        assert len(kept) <= TEXT_LENGTH
        assert "\0" not in kept
    assert len(plain_date(text)) in (0, 8)
    assert len(plain_time(text)) <= 13
