"""Proof by QIDO-RS: what a server shows is held, what it does not show is not; no answer proves nothing."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ExplicitVRLittleEndian, VLPhotographicImageStorage, generate_uid

from dimse.outgoing import OutgoingInstance
from dimse.reactions import Reaction
from gateway.config import StowDestination
from gateway.delivery.proving.prover import CannotAsk, NotOffered, SentObject
from gateway.delivery.stow.connecting import channel_to, stow_sender, token_of
from gateway.delivery.stow.finding import QidoProver
from tests.integration.delivery.hospital import part10
from tests.integration.delivery.stow.web_server import Received, WebServer, answer
from tests.peers import Orthanc

SENT = SentObject("1.2.3", "1.2.3.4", VLPhotographicImageStorage, "1.2.3.4.5")


def held(url: str, objects: Sequence[SentObject] = (SENT,), **values: Any) -> frozenset[str]:
    destination = StowDestination(name="web", kind="stow", url=url, response_seconds=2, **values)
    with closing(channel_to(destination)) as channel:
        return QidoProver(channel, token_of(destination)).held(objects)


def match(**values: str) -> bytes:
    """A search's answer with one match: SENT, but for the `values` by tag."""
    tags = {
        "00080016": SENT.sop_class_uid,
        "00080018": SENT.sop_instance_uid,
        "0020000D": SENT.study_instance_uid,
        "0020000E": SENT.series_instance_uid,
    } | {name.removeprefix("t"): value for name, value in values.items()}
    found = {tag: {"vr": "UI", "Value": [value]} for tag, value in tags.items() if value}
    return answer(200, json.dumps([found]).encode(), Content_Type="application/dicom+json")


def test_a_token_that_may_not_search_is_not_said_not_to_store() -> None:
    with WebServer(lambda _request: answer(403)) as server, pytest.raises(CannotAsk, match="may not search there"):
        held(server.url)


def test_what_is_shown_where_it_was_sent_is_held() -> None:
    with WebServer(lambda _request: match()) as server:
        assert held(server.url) == {SENT.sop_instance_uid}
        (request,) = server.received
    assert request.line == (
        "GET /dicom-web/studies/1.2.3/series/1.2.3.4/instances?SOPInstanceUID=1.2.3.4.5&limit=1 HTTP/1.1"
    )
    assert "content-length" not in request.headers


def test_what_a_match_does_not_say_is_taken_from_the_question() -> None:
    with WebServer(lambda _request: match(t00080016="", t0020000D="", t0020000E="")) as server:
        assert held(server.url) == {SENT.sop_instance_uid}


@pytest.mark.parametrize(
    "other", [{"t00080016": "1.9"}, {"t00080018": "1.9"}, {"t0020000D": "1.9"}, {"t0020000E": "1.9"}]
)
def test_another_object_than_was_sent_proves_nothing(other: dict[str, str]) -> None:
    with WebServer(lambda _request: match(**other)) as server:
        assert held(server.url) == frozenset()


CORRECTED = replace(SENT, patient_id="NEW & 1")


def shows_in_study_of(patient: dict[str, Any]) -> Callable[[Received], bytes]:
    def says(request: Received) -> bytes:
        if "/series/" in request.line:
            return match()
        assert request.line.startswith("GET /dicom-web/studies?StudyInstanceUID=1.2.3&PatientID=NEW%20%26%201&limit=1 ")
        return answer(200, json.dumps([patient]).encode(), Content_Type="application/dicom+json")

    return says


@pytest.mark.parametrize("patient", [{}, {"00100020": {"vr": "LO", "Value": ["NEW & 1"]}}])
def test_a_correction_is_held_where_its_study_is_shown_as_its_patients(patient: dict[str, Any]) -> None:
    with WebServer(shows_in_study_of(patient)) as server:
        assert held(server.url, [CORRECTED]) == {SENT.sop_instance_uid}


@pytest.mark.parametrize("patient", [{"vr": "LO", "Value": ["OLD"]}, {"vr": "LO"}, {"vr": "LO", "Value": [None]}])
def test_a_correction_whose_study_is_shown_as_another_patients_is_not_held(patient: dict[str, Any]) -> None:
    with WebServer(shows_in_study_of({"00100020": patient})) as server:
        assert held(server.url, [CORRECTED]) == frozenset()


@pytest.mark.parametrize("nothing", [answer(204), answer(200, b"[]"), answer(200), answer(200, b"{}")])
def test_a_server_that_shows_nothing_does_not_hold_it(nothing: bytes) -> None:
    with WebServer(lambda _request: nothing) as server:
        assert held(server.url) == frozenset()


def test_a_server_that_says_404_of_a_series_but_searches_studies_does_not_hold_it() -> None:
    other = replace(SENT, sop_instance_uid="1.2.3.4.6")
    with WebServer(lambda request: answer(404 if "/series/" in request.line else 204)) as server:
        assert held(server.url, [SENT, other]) == frozenset()
        assert len(server.received) == 3, "it is found out once"


def test_a_server_that_says_404_while_it_is_busy_otherwise_proves_nothing() -> None:
    with (
        WebServer(lambda request: answer(404 if "/series/" in request.line else 503)) as server,
        pytest.raises(CannotAsk, match="HTTP 503"),
    ):
        held(server.url)


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_server_without_searches_says_so(status: int) -> None:
    with WebServer(lambda _request: answer(status)) as server, pytest.raises(NotOffered):
        held(server.url)


@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 503])
def test_a_server_that_does_not_answer_the_question_proves_nothing(status: int) -> None:
    with WebServer(lambda _request: answer(status)) as server, pytest.raises(CannotAsk, match=f"HTTP {status}"):
        held(server.url)


@pytest.mark.parametrize("page", [answer(200, b"<html>sign in</html>", Content_Type="text/html"), match()[:-20]])
def test_a_page_for_people_or_half_an_answer_proves_nothing_and_is_not_counted(page: bytes) -> None:
    with WebServer(lambda _request: page) as server, pytest.raises(CannotAsk):
        held(server.url)


def test_nobody_at_the_address_proves_nothing() -> None:
    with pytest.raises(CannotAsk, match="nothing listens"):
        held("http://127.0.0.1:1")


def test_the_token_is_shown_to_searches_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    with WebServer(lambda _request: match()) as server:
        held(server.url, token_file=tmp_path / "token")
        assert server.received[0].headers["authorization"] == "Bearer s3cret"


def test_many_objects_are_asked_for_over_one_connection() -> None:
    def shows_even(request: Received) -> bytes:
        uid = request.line.partition("SOPInstanceUID=")[2].partition("&")[0]
        return match(t00080018=uid) if int(uid[-1]) % 2 == 0 else answer(204)

    objects = [SentObject("1.2.3", "1.2.3.4", VLPhotographicImageStorage, f"1.2.3.4.{number}") for number in range(10)]
    with WebServer(shows_even) as server:
        assert held(server.url, objects) == {f"1.2.3.4.{number}" for number in range(0, 10, 2)}
        assert server.connections == 1


@pytest.mark.peer
def test_orthanc_shows_what_it_was_sent_and_nothing_else(orthanc: Orthanc) -> None:
    uid = generate_uid()
    sent = SentObject("1.2.3", "1.2.3.4", VLPhotographicImageStorage, uid)
    destination = StowDestination(name="orthanc", kind="stow", url=orthanc.dicom_web)
    what = OutgoingInstance(VLPhotographicImageStorage, uid, ExplicitVRLittleEndian, lambda: part10(uid, 1000))
    assert held(orthanc.dicom_web, [sent]) == frozenset()
    with closing(stow_sender(destination)) as sender:
        assert sender.send(what).reaction is Reaction.STORED
    elsewhere = SentObject("1.2.3", "9.9.9", VLPhotographicImageStorage, uid)
    never = SentObject("1.2.3", "1.2.3.4", VLPhotographicImageStorage, generate_uid())
    assert held(orthanc.dicom_web, [sent, elsewhere, never]) == {uid}
    assert held(orthanc.dicom_web, [replace(sent, patient_id="TEST")]) == {uid}
    assert held(orthanc.dicom_web, [replace(sent, patient_id="ANOTHER")]) == frozenset()
