"""The fields of a photo: what is taken, as what, and what tells one request from another."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.request import InvalidFields, PhotoFields, check_fields, kept_fields, request_sha256

NO_SPACINGS = ("x", "0", "-0.1", "nan", "inf", "1001", "0.1\\", "0.1\\0.1\\0.1", "0.1 mm", "1e-320", "\\")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("patient_birth_date", "1980-01-02", date(1980, 1, 2)),
        ("patient_age", "034Y", "034Y"),
        ("patient_age", "006M", "006M"),
        ("patient_age", "103W", "103W"),
        ("patient_age", "7", "007Y"),
        ("patient_age", "0", "000Y"),
        ("patient_id", " e\u0301 ", "\u00e9"),
        ("patient_id", "A B", "A B"),
        ("patient_name", " Hong^Gildong=洪^吉洞=홍^길동 ", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("body_site", "forearm", "forearm"),
        ("size_mm", "4.5", 4.5),
        ("polarized", "true", True),
        ("pixel_spacing_mm", "0.02", "0.02\\0.02"),
        ("pixel_spacing_mm", " 0.0200 \\ 0.030 ", "0.02\\0.03"),
        ("referring_physician", "Lee^Sora=李^소라", "Lee^Sora=李^소라"),
        ("requested_procedure_id", " RP-1 ", "RP-1"),
        ("burned_in_annotation", "yes", True),
        ("recognizable", "no", False),
        (
            "captured_at",
            "2026-05-06T07:08:09+09:00",
            datetime(2026, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=9))),
        ),
        ("study_instance_uid", "1.2.3", "1.2.3"),
        ("note", "two\nlines", "two\nlines"),
    ],
)
def test_a_value_is_understood(name: str, text: str, value: Any) -> None:
    assert getattr(check_fields({name: text}), name) == value


@pytest.mark.parametrize("side", ["R", "L", "B"])
def test_what_is_no_pair_has_no_side(side: str) -> None:
    with pytest.raises(InvalidFields, match="laterality: must be U or left out: nose is not one of a pair"):
        check_fields({"laterality": side, "body_site": "nose"})
    assert check_fields({"laterality": side, "body_site": "cheek"}).laterality == side
    assert check_fields({"laterality": side}).laterality == side
    assert kept_fields({"laterality": side, "body_site": "nose"}).laterality == side, "taken in before"


@pytest.mark.parametrize("site", ["nose", "cheek"])
def test_a_side_that_is_not_known_may_be_said_of_every_site(site: str) -> None:
    assert check_fields({"laterality": "U", "body_site": site}).laterality == "U"


def test_an_empty_value_says_nothing() -> None:
    assert check_fields(dict.fromkeys(PhotoFields.model_fields, "  ")) == PhotoFields()


def test_every_fault_is_named_and_no_value_repeated() -> None:
    with pytest.raises(InvalidFields) as raised:
        check_fields({"patient_sex": "SECRET", "patient_birth_date": "SECRET", "SECRET": "x", "patient_id": "SEC\\RET"})
    faults = {fault["field"]: fault["fault"] for fault in raised.value.faults}
    assert set(faults) == {"patient_sex", "patient_birth_date", "SECRET", "patient_id"}
    assert "SEC" not in "".join(faults.values())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("patient_id", "A\\B", "a backslash"),
        ("patient_id", "A  B", "repeated spaces"),
        ("issuer_of_patient_id", "A\u200bB", "control characters"),
        ("lesion_id", "A\u00adB", "control characters"),
        ("admission_id", "\u200b", "control characters"),
        ("accession_number", "A\nB", "control characters"),
        ("accession_number", "\u0958" * 16, "repeated spaces"),
        ("operator", "a=b=c=d", "component groups"),
        ("patient_name", "a^b^c^d^e^f", "name components"),
        ("patient_age", "131", "up to 130"),
        ("patient_age", "-1", "018M"),
        ("patient_age", "7.5", "018M"),
        ("captured_at", "2199-05-06T07:08:09+09:00", "between the year 1850 and a day from now"),
        ("captured_at", "1849-05-06T07:08:09+09:00", "between the year 1850 and a day from now"),
        ("study_instance_uid", "1.02", "numbers without leading zeros joined by dots"),
        ("case_id", "7", "32 hexadecimal digits"),
        ("patient_birth_date", "02.01.1980", "YYYY-MM-DD"),
        ("patient_birth_date", "1980-02-30", "YYYY-MM-DD"),
        ("patient_birth_date", "1980-02-03T04:05:06", "YYYY-MM-DD"),
        ("patient_birth_date", "0", "YYYY-MM-DD"),
        ("patient_birth_date", "19800102", "YYYY-MM-DD"),
        ("captured_at", "1700000000", "RFC 3339"),
        ("captured_at", "yesterday", "RFC 3339"),
        ("captured_at", "2026-05-06T07:08:09", "RFC 3339"),
        ("nonsense", "x", "there is no such field"),
        ("laterality", "X", "must be R, L, B or U"),
        ("kind", "photo", "must be clinical or dermoscopic"),
        ("polarized", "perhaps", "must be true or false"),
        ("size_mm", "large", "must be a number"),
        ("size_mm", "0", "must be more than 0"),
        ("magnification", "1001", "must be at most 1000"),
        ("magnification", "nan", "must be a number"),
        ("note", "x" * 4097, "must have at most 4096 characters"),
        ("body_site", "moon", "is no body site that is known"),
        ("referring_physician", "a=b=c=d", "more than 3 component groups"),
        ("requested_procedure_id", "x" * 17, "16 characters"),
        ("scheduled_procedure_step_id", "A  B", "repeated spaces"),
        *(("pixel_spacing_mm", text, "one distance in millimetres, or that of rows") for text in NO_SPACINGS),
    ],
)
def test_a_fault_is_told_in_words_and_not_as_a_pattern(name: str, text: str, words: str) -> None:
    with pytest.raises(InvalidFields) as raised:
        check_fields({name: text})
    (fault,) = raised.value.faults
    assert fault["field"] == name
    assert words in fault["fault"]
    assert "pattern" not in fault["fault"]


def test_a_clock_that_goes_ahead_is_no_fault_until_it_is_a_day_off() -> None:
    at = datetime.now(UTC)
    assert check_fields({"captured_at": (at + timedelta(hours=23)).isoformat()}).captured_at is not None
    with pytest.raises(InvalidFields):
        check_fields({"captured_at": (at + timedelta(hours=25)).isoformat()})


def test_a_medium_under_a_dermatoscope_that_touches_nothing_is_a_contradiction() -> None:
    for contact in ({}, {"contact": "true"}):
        assert check_fields({"immersion": "ALCOHOL", **contact}).immersion == "ALCOHOL"
    with pytest.raises(InvalidFields) as raised:
        check_fields({"immersion": "ALCOHOL", "contact": "false"})
    assert raised.value.faults == [{"field": "immersion", "fault": "is used in contact, and contact is false"}]


def test_what_was_taken_in_is_read_again_whatever_is_refused_by_now() -> None:
    kept = {
        "body_site": "site_of_tables_of_yesterday",
        "contact": False,
        "immersion": "WATER",
        "captured_at": "2199-01-01T00:00:00Z",
        "patient_id": "A  B",
        "operator": "a=b=c=d",
        "patient_age": 34,
    }
    fields = kept_fields(kept)
    assert (fields.body_site, fields.immersion, fields.patient_id) == (None, "WATER", "A  B")
    assert (fields.operator, fields.patient_age) == ("a=b=c=d", "034Y")
    assert kept_fields({"body_site": "forearm"}).body_site == "forearm"


@pytest.mark.parametrize("born", ["1849-12-31", "2999-01-01", "1980-02-30"])
def test_nobody_is_born_outside_the_possible(born: str) -> None:
    with pytest.raises(InvalidFields):
        check_fields({"patient_birth_date": born})


@given(st.dictionaries(st.sampled_from(sorted(PhotoFields.model_fields)), st.text(max_size=80)))
def test_whatever_is_said_is_understood_or_refused_in_words(fields: dict[str, str]) -> None:
    try:
        checked = check_fields(fields)
    except InvalidFields:
        return
    assert kept_fields(checked.said()) == PhotoFields.model_validate(checked.said()) == checked, (
        "it can be kept and read again"
    )


def test_a_request_is_told_by_its_values_and_its_photo() -> None:
    one = check_fields({"note": "a", "size_mm": "4.0"})
    same = check_fields({"size_mm": "4", "note": " a "})
    assert request_sha256(one, b"x") == request_sha256(same, b"x")
    assert len({request_sha256(*pair) for pair in ((one, b"x"), (one, b"y"), (PhotoFields(), b"x"))}) == 3
