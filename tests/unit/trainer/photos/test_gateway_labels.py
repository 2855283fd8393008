"""What a gateway answers is checked word by word, and a doctor's word counts before a rule's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.photos.errors import LabelsUnreachable
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_labels import GatewayLabel, as_document, deleted, parse_label, parse_page, standing, votes

GOOD = {"number": 1, "hospital": "default", "photo_id": "a1", "usable": False, "reason": "watermark", "source": "rule"}


def page(*labels: dict[str, Any], more: object = False) -> dict[str, Any]:
    return {"labels": list(labels), "next": 0, "more": more}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "labels", "more"]), inner),
    max_leaves=12,
)


@given(JSON)
def test_any_answer_is_understood_or_refused(document: object) -> None:
    try:
        parse_page(document, 0)
    except LabelsUnreachable:
        return


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0}, {"number": True}, {"number": 2**63}, {"number": "1"}, {"photo_id": "../x"}, {"photo_id": ""},
        {"photo_id": "a" * 65}, {"usable": 1}, {"reason": None}, {"reason": "ugly"}, {"source": "cat"}, {"hospital": 3},
    ],
)  # fmt: skip
def test_a_wrong_word_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(LabelsUnreachable):
        parse_page(page(GOOD | change), 0)


def test_pages_that_would_never_end_are_refused() -> None:
    for document, after in ((page(GOOD), 1), (page(GOOD, GOOD), 0), (page(more=True), 0), (page(more=1), 0), ([], 0)):
        with pytest.raises(LabelsUnreachable):
            parse_page(document, after)
    assert parse_page(page(GOOD, more=True), 0).more


ABOUT = {"patient": "p1", "lesion": None, "sex": "F", "age": 90, "body_site": "forearm"}
DIAGNOSIS = {
    "number": 2, "hospital": "default", "photo_id": "a1", "kind": "diagnosis", "diagnosis": "nevus", "source": "doctor",
    "alternatives": ["melanoma"], "said_by": "key:1", "about": ABOUT, "usable": None, "reason": None,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "mood"}, {"diagnosis": None}, {"diagnosis": "../x"}, {"alternatives": ["A B"]}, {"alternatives": "x"},
        {"about": []}, {"about": ABOUT | {"patient": "a b"}}, {"about": ABOUT | {"age": 121}},
        {"about": ABOUT | {"age": "9"}}, {"about": ABOUT | {"body_site": "<b>"}}, {"withdrawn": "yes"},
    ],
)  # fmt: skip
def test_a_wrong_word_about_a_diagnosis_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(LabelsUnreachable):
        parse_page(page(DIAGNOSIS | change), 0)


@pytest.mark.parametrize(
    "said",
    [
        GOOD,
        GOOD | {"usable": True, "reason": None, "source": "doctor"},
        DIAGNOSIS,
        DIAGNOSIS | {"withdrawn": True, "diagnosis": None},
        {"number": 3, "hospital": "x", "photo_id": "a1", "kind": "deletion", "source": "rule", "said_by": "system"},
    ],
)
def test_a_label_is_read_as_it_was_written(said: dict[str, Any]) -> None:
    read = parse_label(said)
    assert parse_label(as_document(read)) == read
    assert said.items() <= as_document(read).items()


def test_a_gateway_that_tells_of_suitability_alone_is_understood() -> None:
    label = parse_label(GOOD)
    assert (label.kind, label.said, label.facts) == ("suitability", "watermark", None)


def test_a_word_that_was_taken_back_and_a_photo_that_was_deleted_count_no_more() -> None:
    def diagnosis(number: int, photo_id: str, said: str | None, voter: str) -> GatewayLabel:
        return GatewayLabel(number, photo_id, "default", said, "doctor", "diagnosis", voter)

    labels = [
        diagnosis(1, "a", "nevus", "kim"), diagnosis(2, "a", "melanoma", "lee"), diagnosis(3, "a", "eczema", "kim"),
        diagnosis(4, "b", "nevus", "kim"), diagnosis(5, "b", None, "kim"), diagnosis(6, "c", "nevus", "kim"),
        GatewayLabel(7, "c", "default", None, "rule", "deletion"), GatewayLabel(8, "a", "default", "usable", "doctor"),
    ]  # fmt: skip
    said = votes(labels, "diagnosis")
    assert {photo: [vote.said for vote in several] for photo, several in said.items()} == {"a": ["melanoma", "eczema"]}
    assert [each.said for each in standing(labels, "diagnosis")] == ["eczema"]
    assert deleted(labels) == {"c"}


def test_the_doctor_counts_before_the_rule_and_the_latest_before_earlier_ones() -> None:
    def label(number: int, photo_id: str, suitability: str, said_by: Any) -> GatewayLabel:
        return GatewayLabel(number, photo_id, "default", suitability, said_by)

    labels = [
        label(1, "a", "usable", "doctor"), label(2, "a", "watermark", "doctor"), label(3, "a", "usable", "rule"),
        label(4, "b", "usable", "rule"), label(5, "b", "not_skin", "rule"),
    ]  # fmt: skip
    assert [(each.photo_id, each.said) for each in standing(labels)] == [("a", "watermark"), ("b", "not_skin")]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway:8080",
        "file:///etc/passwd",
        "ftp://host",
        "http://",
        "http://h?key=1",
        "http://me:pw@h",
        "http://h:99999999",
        "http://[1",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(LabelsUnreachable, match="address"):
        GatewayClient(url)


def test_a_key_that_could_break_a_header_is_refused_without_being_shown() -> None:
    with pytest.raises(LabelsUnreachable) as refused:
        GatewayClient("http://127.0.0.1:1", "secret\r\nX: y")
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(GatewayClient("http://127.0.0.1:1", "secret"))
