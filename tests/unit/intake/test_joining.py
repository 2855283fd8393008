"""What a study says already, and what a further photo says: taken over, agreed with, or refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive import known_study as known
from gateway.archive.known_study import KnownStudy
from gateway.intake.joining import SHARED, began_at, joined_fields, joined_patient, study_begin, with_issuer
from gateway.intake.request import PhotoFields, check_fields
from gateway.review.cases import CaseConflict
from gateway.review.places import Patient

SEOUL = timezone(timedelta(hours=9))


def test_nothing_known_changes_nothing() -> None:
    fields = check_fields({"patient_name": "A", "note": "x"})
    assert joined_fields(fields, {}) is fields


def test_what_is_unsaid_is_taken_over_as_the_study_has_it() -> None:
    texts = {known.PATIENT_NAME: "Hong^A=洪^吉", known.BIRTH_DATE: "19800102", known.SEX: "F", known.AGE: "018M"}
    fields = joined_fields(check_fields({"note": "x"}), texts)
    assert fields.said() == {
        "patient_name": "Hong^A=洪^吉",
        "patient_birth_date": "1980-01-02",
        "patient_sex": "F",
        "patient_age": "018M",
        "note": "x",
    }
    assert joined_fields(fields, texts) == fields


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Hong^A", "HONG^A"),
        ("홍^길동", "Hong^A=洪^吉洞=홍^길동"),
        ("홍^길동", "=홍^길동"),
        ("Hong^A=洪^吉洞=홍^길동", "Hong^A"),
        ("Hong^A^^", "Hong^A"),
    ],
)
def test_a_name_may_be_told_in_fewer_groups_and_is_written_as_it_is_known(said: str, told: str) -> None:
    assert joined_fields(check_fields({"patient_name": said}), {known.PATIENT_NAME: told}).patient_name == told


@pytest.mark.parametrize(("said", "told"), [("Hong^A", "Hong^B"), ("Kim^A=김^가", "Kim^A=金^가"), ("A^B", "B^A")])
def test_another_name_is_refused_without_being_repeated(said: str, told: str) -> None:
    with pytest.raises(CaseConflict, match="patient_name: earlier") as refused:
        joined_fields(check_fields({"patient_name": said}), {known.PATIENT_NAME: told})
    assert said not in str(refused.value)
    assert told not in str(refused.value)


@pytest.mark.parametrize("tag", [known.SEX, known.BIRTH_DATE, known.AGE, known.ACCESSION_NUMBER])
def test_what_no_object_of_ours_can_say_is_as_good_as_unknown(tag: str) -> None:
    fields = check_fields({"patient_sex": "F", "patient_age": "7", "accession_number": "A"})
    if tag != known.ACCESSION_NUMBER:
        assert joined_fields(fields, {tag: "?" * 20}) == fields
    assert joined_fields(PhotoFields(), {tag: "?" * 20}) == PhotoFields()


@given(st.dictionaries(st.sampled_from(sorted(SHARED.values())), st.text(max_size=70)))
def test_joining_again_changes_nothing(texts: dict[str, str]) -> None:
    once = joined_fields(PhotoFields(), texts)
    assert joined_fields(once, texts) == once


def test_the_patient_is_the_archives_once_one_was_told() -> None:
    said = Patient("north", "", "P")
    study = KnownStudy(1, "HOSP", "Q", {}, frozenset())
    assert joined_patient(said, None) == said
    assert joined_patient(said, KnownStudy(1, "", "", {}, frozenset())) == said
    assert joined_patient(said, study) == Patient("north", "HOSP", "Q")
    assert with_issuer(said, "X") == Patient("north", "X", "P")
    assert with_issuer(Patient("north", "HOSP", "P"), "X") == Patient("north", "HOSP", "P")


def test_a_study_says_when_it_began_to_the_letter() -> None:
    begin = study_begin(
        {known.STUDY_DATE: "20200101", known.STUDY_TIME: "1015", known.STUDY_ID: "7", known.OFFSET: "-0330"}
    )
    assert (begin.study_id, begin.date, begin.time) == ("7", "20200101", "1015")
    assert began_at(begin, SEOUL) == datetime(2020, 1, 1, 13, 45, tzinfo=UTC)
    plain = study_begin({known.STUDY_DATE: "20200101", known.STUDY_TIME: "101500.25"})
    assert began_at(plain, SEOUL) == datetime(2020, 1, 1, 1, 15, 0, 250000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "time", "offset"),
    [("2020.01.01", "10:15", "0900"), ("20201301", "2460", "+1500"), ("", "", ""), ("2020010", "x", "+0960")],
)
def test_what_is_no_moment_counts_as_unknown(date: str, time: str, offset: str) -> None:
    begin = study_begin({known.STUDY_DATE: date, known.STUDY_TIME: time, known.OFFSET: offset})
    assert (begin.date, begin.time, begin.zone) == ("", "", None)
    assert began_at(begin, SEOUL) is None


@given(st.text(max_size=12), st.text(max_size=16), st.text(max_size=6))
def test_whatever_others_wrote_is_a_moment_or_none(date: str, time: str, offset: str) -> None:
    begin = study_begin({known.STUDY_DATE: date, known.STUDY_TIME: time, known.OFFSET: offset})
    moment = began_at(begin, SEOUL)
    assert moment is None or moment.utcoffset() is not None
