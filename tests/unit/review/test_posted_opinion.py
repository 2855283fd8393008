"""What a dermatologist may post as an opinion, and how one opinion is told from another."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.review.documents import MAX_DIAGNOSES, PostedOpinion
from gateway.review.opinions import GivenOpinion, Said, content_id, keyed_id, shown_opinion

OPENED_AT = datetime(2026, 5, 1, tzinfo=UTC)
SAID = Said("Kim^Doctor", "Clinic", ("melanoma", "nevus"), "see again")


def posted(**fields: Any) -> PostedOpinion:
    return PostedOpinion.model_validate({"doctor": "Kim^Doctor"} | fields)


def faults(**fields: Any) -> set[str]:
    """The fields that are refused."""
    with pytest.raises(ValidationError) as raised:
        posted(**fields)
    assert "홍길동" not in "".join(fault["msg"] for fault in raised.value.errors())
    return {str(fault["loc"][0]) for fault in raised.value.errors()}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("doctor", ""),
        ("doctor", " \x00 "),
        ("doctor", "^^^"),
        ("doctor", "a=b=c=홍길동"),
        ("doctor", "1^2^3^4^5^홍길동"),
        ("doctor", "a" * 325),
        ("doctor", None),
        ("doctor", "\ud800"),
        ("organization", "a" * 65),
        ("diagnoses", ["홍길동"]),
        ("diagnoses", ["93655004"]),
        ("diagnoses", ["melanoma", "melanoma"]),
        ("diagnoses", ["melanoma"] * (MAX_DIAGNOSES + 1)),
        ("diagnoses", "melanoma"),
        ("comment", "a" * 4097),
        ("comment", ["a"]),
        ("patient_name", "홍길동"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_field_and_not_repeated(field: str, value: object) -> None:
    assert faults(**{field: value}) == {field}


def test_an_opinion_needs_a_doctor() -> None:
    with pytest.raises(ValidationError):
        PostedOpinion.model_validate({"diagnoses": ["melanoma"]})


def test_a_name_keeps_its_component_groups() -> None:
    assert posted(doctor=" Kim^Doctor=金^醫師=김^의사 ").said().doctor == "Kim^Doctor=金^醫師=김^의사"
    assert posted(doctor="김의사").said().doctor == "김의사"


def test_words_are_kept_line_by_line_without_what_cannot_be_seen() -> None:
    said = posted(comment="\r\n 절제를 권합니다.\r\nSee\x00 again\u202e.\n", organization=" A\n B ").said()
    assert (said.comment, said.organization) == ("절제를 권합니다.\nSee again.", "A B")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=4096))
def test_any_words_fit_the_table_and_are_the_same_when_they_are_read_again(comment: str) -> None:
    kept = posted(comment=comment).comment
    assert len(kept) <= 4096
    assert "\x00" not in kept
    assert posted(comment=kept).comment == kept


def test_the_longest_words_of_many_lines_are_not_cut() -> None:
    comment = "가\n" * 2047 + "가나"
    assert posted(comment=comment).comment == comment


@pytest.mark.parametrize(
    "other",
    [
        Said("Lee^Doctor", "Clinic", ("melanoma", "nevus"), "see again"),
        Said("Kim^Doctor", "Hospital", ("melanoma", "nevus"), "see again"),
        Said("Kim^Doctor", "Clinic", ("nevus", "melanoma"), "see again"),
        Said("Kim^Doctor", "Clinic", ("melanoma",), "nevus see again"),
        Said("Kim^Doctor", "Clinic", ("melanoma", "nevus"), ""),
    ],
)
def test_other_words_are_another_opinion(other: Said) -> None:
    assert content_id("key:1", "r", OPENED_AT, SAID) == content_id("key:1", "r", OPENED_AT, SAID)
    assert content_id("key:1", "r", OPENED_AT, SAID) != content_id("key:1", "r", OPENED_AT, other)


def test_the_same_words_elsewhere_are_another_opinion() -> None:
    later = datetime(2026, 5, 2, tzinfo=UTC)
    ids = {
        content_id("key:1", "r", OPENED_AT, SAID),
        content_id("key:2", "r", OPENED_AT, SAID),
        content_id("key:1", "s", OPENED_AT, SAID),
        content_id("key:1", "r", later, SAID),
        keyed_id("key:1", "k"),
        keyed_id("key:2", "k"),
        keyed_id("key:1", "l"),
    }
    assert len(ids) == 7


def test_a_disease_that_the_tables_know_no_more_is_shown_by_its_code() -> None:
    opinion = GivenOpinion("1", "c", Said("Kim", "Clinic", ("melanoma", "gone"), ""), OPENED_AT, None)
    assert [each["name"] for each in shown_opinion(opinion, "ko")["diagnoses"]] == ["악성 흑색종", "gone"]
