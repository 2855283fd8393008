"""What an answer to a store request means for one instance: statuses, reasons, and whatever else a server may say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dimse.reactions import Reaction
from gateway.delivery.rules import SETTLED, TRIES
from gateway.delivery.stow.answers import STATUSES, judged
from gateway.delivery.stow.messages import Answer

UID = "1.2.3"
JSON = {"content-type": "application/dicom+json"}


def response(*, failed: int | None = None, warning: int | None = None, uid: str = UID) -> dict[str, Any]:
    """A Store Instances Response about one instance, stored unless it failed for a reason."""
    item: dict[str, Any] = {"00081155": {"vr": "UI", "Value": [uid]}}
    if failed is not None:
        return {"00081198": {"vr": "SQ", "Value": [item | {"00081197": {"vr": "US", "Value": [failed]}}]}}
    if warning is not None:
        item["00081196"] = {"vr": "US", "Value": [warning]}
    return {"00081198": {"vr": "SQ"}, "00081199": {"vr": "SQ", "Value": [item]}}


def said(status: int, document: object) -> Answer:
    return Answer(status, JSON, json.dumps(document).encode())


REASONS = [
    (0x0110, Reaction.RETRY_FEW),
    (0x0111, Reaction.CONFIRM_DUPLICATE),
    (0x0122, Reaction.FALLBACK_CLASS),
    (0x0124, Reaction.CONFIGURATION),
    (0x0213, Reaction.RETRY),
    (0xA700, Reaction.RETRY),
    (0xA7FF, Reaction.RETRY),
    (0xA900, Reaction.MISMATCH),
    (0xC000, Reaction.RETRY_ONCE),
    (0xC122, Reaction.NO_PRESENTATION_CONTEXT),
    (0x7777, Reaction.RETRY_FEW),
]


@pytest.mark.parametrize(("reason", "reaction"), REASONS)
@pytest.mark.parametrize("status", [200, 202, 400, 409])
def test_the_reason_given_for_an_instance_decides_and_not_the_status_line(
    status: int, reason: int, reaction: Reaction
) -> None:
    verdict = judged(said(status, response(failed=reason)), UID)
    assert (verdict.reaction, verdict.status) == (reaction, reason)
    assert f"0x{reason:04X}" in verdict.words


@pytest.mark.parametrize("status", [200, 202, 409])
def test_an_instance_named_as_stored_is_stored_whatever_the_status_line_says(status: int) -> None:
    verdict = judged(said(status, response()), UID)
    assert (verdict.reaction, verdict.status) == (Reaction.STORED, 0)


@pytest.mark.parametrize("warning", [0xB000, 0xB006, 0xB007])
def test_a_warning_is_kept(warning: int) -> None:
    verdict = judged(said(202, response(warning=warning)), UID)
    assert (verdict.reaction, verdict.status) == (Reaction.STORED_WITH_WARNING, warning)


def test_what_is_said_of_another_instance_is_not_taken_for_ours() -> None:
    assert judged(said(409, response(uid="9.9")), UID).reaction is Reaction.RETRY_FEW


def test_an_instance_named_as_stored_and_as_failed_has_failed() -> None:
    assert judged(said(200, response() | response(failed=0xA700)), UID).reaction is Reaction.RETRY


def test_a_failure_without_a_reason_is_tried_a_few_times() -> None:
    document = {"00081198": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [UID]}}]}}
    assert judged(said(409, document), UID).status == 0x0110


def test_an_answer_inside_a_list_is_read_too() -> None:
    assert judged(said(200, [response()]), UID).status == 0


def test_a_success_that_names_nothing_is_a_success_with_a_warning() -> None:
    verdict = judged(Answer(200), UID)
    assert (verdict.reaction, verdict.status) == (Reaction.STORED_WITH_WARNING, 0xB000)


def test_a_web_page_is_no_success() -> None:
    verdict = judged(Answer(200, {"content-type": "text/html; charset=utf-8"}, b"<html>Welcome"), UID)
    assert (verdict.reaction, verdict.status) == (Reaction.CONFIGURATION, None)
    assert "url" in verdict.words


def test_an_answer_too_long_to_be_read_speaks_by_its_status_alone() -> None:
    assert judged(Answer(409, JSON, None), UID).reaction is Reaction.RETRY_FEW


@pytest.mark.parametrize("status", [100, 204, 301, 307, 308, 418, 451, 505, 599, 0, 999])
def test_a_status_without_a_row_of_its_own_has_a_reaction_and_is_no_success(status: int) -> None:
    verdict = judged(Answer(status), UID)
    assert not verdict.reaction.is_stored
    assert str(status) in verdict.words


def test_every_reaction_to_an_answer_is_one_that_the_outbox_knows() -> None:
    assert {meaning.reaction for meaning in STATUSES.values()} <= SETTLED.keys() | TRIES.keys()


def test_no_word_of_the_server_itself_gets_into_ours() -> None:
    body = b'{"title": "Kim^Minsu has no study"}'
    assert "Kim" not in judged(Answer(500, JSON, body), UID).words


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(UID),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["00081198", "00081199", "00081155", "00081197", "Value", "vr"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(st.integers(0, 1000), ANYTHING)
def test_any_json_has_a_verdict(status: int, document: object) -> None:
    assert judged(Answer(status, JSON, json.dumps(document).encode()), UID).words


@given(st.integers(0, 1000), st.binary(max_size=200))
def test_any_bytes_have_a_verdict(status: int, body: bytes) -> None:
    assert judged(Answer(status, JSON, body), UID).words


def test_json_nested_without_end_has_a_verdict() -> None:
    assert judged(Answer(200, JSON, b"[" * 100_000), UID).reaction is Reaction.STORED_WITH_WARNING
