"""Sending by STOW-RS over real sockets: every answer has its reaction, and no server can hang, flood or mislead us."""

import json
import socket
import threading
import time
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pydicom.uid import ExplicitVRLittleEndian, VLPhotographicImageStorage, generate_uid

from dimse.errors import UnavailableInstance
from dimse.outgoing import OutgoingInstance, SendResult
from dimse.reactions import Reaction
from gateway.config import StowDestination
from gateway.delivery.stow.connecting import stow_sender
from gateway.delivery.stow.messages import MAX_ANSWER_BYTES
from tests.integration.delivery.hospital import part10
from tests.integration.delivery.stow.web_server import Received, WebServer, answer, drip
from tests.peers import LOOPBACK, free_port
from tests.unit.delivery.stow.test_answers import response


def instance(uid: str = "1.2.3", padding_bytes: int = 0) -> OutgoingInstance:
    return OutgoingInstance(VLPhotographicImageStorage, uid, ExplicitVRLittleEndian, lambda: part10(uid, padding_bytes))


def destination(url: str, **values: Any) -> StowDestination:
    return StowDestination(name="web", kind="stow", url=url, **values)


def sent_to(server: WebServer, what: OutgoingInstance | None = None, **values: Any) -> SendResult:
    sender = stow_sender(destination(server.url, **({"response_seconds": 2} | values)))
    try:
        return sender.send(what or instance())
    finally:
        sender.close()


def stored(_request: Received) -> bytes:
    return answer(200, json.dumps(response()).encode(), Content_Type="application/dicom+json")


STATUSES = [
    (400, Reaction.RETRY_ONCE),
    (401, Reaction.CONFIGURATION),
    (403, Reaction.CONFIGURATION),
    (404, Reaction.CONFIGURATION),
    (405, Reaction.CONFIGURATION),
    (406, Reaction.CONFIGURATION),
    (409, Reaction.RETRY_FEW),
    (413, Reaction.PERMANENT),
    (415, Reaction.NO_PRESENTATION_CONTEXT),
    (429, Reaction.BUSY),
    (500, Reaction.RETRY_FEW),
    (501, Reaction.CONFIGURATION),
    (502, Reaction.UNREACHABLE),
    (503, Reaction.BUSY),
    (504, Reaction.UNKNOWN_OUTCOME),
    (507, Reaction.BUSY),
]


@pytest.mark.parametrize(("status", "reaction"), STATUSES)
def test_each_refusal_has_its_reaction(status: int, reaction: Reaction) -> None:
    with WebServer(lambda _request: answer(status)) as server:
        result = sent_to(server)
    assert (result.reaction, result.status) == (reaction, None)
    assert result.message.startswith(f"HTTP {status}: ")


@pytest.mark.parametrize("status", [200, 202, 409])
def test_what_the_server_names_as_stored_is_stored(status: int) -> None:
    body = json.dumps(response()).encode()
    with WebServer(lambda _request: answer(status, body)) as server:
        assert sent_to(server).reaction is Reaction.STORED


def test_the_file_goes_byte_for_byte_as_one_part() -> None:
    with WebServer(stored) as server:
        result = sent_to(server, instance(padding_bytes=1_000_000))
        (request,) = server.received
    assert result.reaction is Reaction.STORED
    assert result.transfer_syntax_uid == ExplicitVRLittleEndian
    assert request.line == "POST /dicom-web/studies HTTP/1.1"
    kind, boundary = request.headers["content-type"].split("; boundary=")
    assert kind == 'multipart/related; type="application/dicom"'
    head, _, rest = request.body.partition(b"\r\n\r\n")
    assert head == f"--{boundary}\r\nContent-Type: application/dicom".encode()
    assert rest == part10("1.2.3", 1_000_000).getvalue() + f"\r\n--{boundary}--\r\n".encode()


def test_one_connection_serves_many_instances() -> None:
    with WebServer(stored) as server, closing(stow_sender(destination(server.url))) as sender:
        assert [sender.send(instance()).reaction for _ in range(5)] == [Reaction.STORED] * 5
        assert (len(server.received), server.connections) == (5, 1)


def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew_without_a_failure() -> None:
    def once(request: Received) -> bytes:
        return stored(request).replace(b"200 Whatever", b"200 Whatever\r\nConnection: close")

    with WebServer(once) as server, closing(stow_sender(destination(server.url))) as sender:
        assert [sender.send(instance()).reaction for _ in range(3)] == [Reaction.STORED] * 3
        assert server.connections == 3


def test_the_token_is_shown_and_stands_in_no_word_of_ours(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    with WebServer(lambda _request: answer(403)) as server:
        result = sent_to(server, token_file=tmp_path / "token")
        assert server.received[0].headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(result)


def test_without_a_readable_token_nothing_is_sent(tmp_path: Path) -> None:
    with WebServer(stored) as server:
        result = sent_to(server, token_file=tmp_path / "none")
        assert (result.reaction, server.connections) == (Reaction.CONFIGURATION, 0)
    assert "token file" in result.message


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_so_that_the_token_goes_nowhere_else(tmp_path: Path, status: int) -> None:
    (tmp_path / "token").write_text("s3cret")
    with WebServer(stored) as elsewhere:
        with WebServer(lambda _request: answer(status, Location=f"{elsewhere.url}/studies")) as server:
            result = sent_to(server, token_file=tmp_path / "token")
        assert (result.reaction, elsewhere.connections) == (Reaction.CONFIGURATION, 0)


def test_a_server_that_asks_for_a_pause_is_left_alone_until_it_is_over() -> None:
    says = answer(503, Retry_After="1")
    with WebServer(lambda _request: says) as server, closing(stow_sender(destination(server.url))) as sender:
        assert sender.send(instance()).reaction is Reaction.BUSY
        server.says = stored
        second = sender.send(instance())
        assert (second.reaction, len(server.received)) == (Reaction.BUSY, 1)
        assert "pause" in second.message
        time.sleep(1.05)
        assert sender.send(instance()).reaction is Reaction.STORED


def test_an_answer_given_before_the_end_of_a_large_body_is_heard() -> None:
    def refuses_early(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer(413, Connection="close"))
        time.sleep(1)

    with WebServer(behaves=refuses_early) as server:
        started = time.monotonic()
        result = sent_to(server, instance(padding_bytes=50_000_000), response_seconds=10)
    assert result.reaction is Reaction.PERMANENT
    assert time.monotonic() - started < 5


def test_a_body_is_sent_without_being_held_in_memory() -> None:
    size, largest = 64 * 1024 * 1024, 0

    class Measured(BytesIO):
        def read(self, most: int | None = -1) -> bytes:
            nonlocal largest
            largest = max(largest, most or 0)
            assert most is not None
            assert most > 0
            return super().read(most)

    def opened() -> BinaryIO:
        return Measured(bytes(size))

    with WebServer(stored) as server:
        sent_to(server, OutgoingInstance("1.2", "1.2.3", "1.2", opened), response_seconds=20)
        assert len(server.received[0].body) > size
    assert largest <= 256 * 1024


def test_a_server_that_drips_its_answer_is_given_up_in_time() -> None:
    with WebServer(behaves=drip) as server:
        started = time.monotonic()
        result = sent_to(server, response_seconds=1)
    assert result.reaction is Reaction.UNKNOWN_OUTCOME
    assert time.monotonic() - started < 3


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with WebServer(behaves=lambda _connection: time.sleep(5)) as server:
        started = time.monotonic()
        result = sent_to(server, response_seconds=0.5)
    assert result.reaction is Reaction.UNKNOWN_OUTCOME
    assert time.monotonic() - started < 3


def test_a_server_that_takes_nothing_is_given_up_in_time() -> None:
    with WebServer(behaves=lambda _connection: time.sleep(5)) as server:
        started = time.monotonic()
        result = sent_to(server, instance(padding_bytes=100_000_000), response_seconds=0.5)
    assert result.reaction is Reaction.UNKNOWN_OUTCOME
    assert time.monotonic() - started < 4


def test_an_endless_answer_is_read_to_a_bound() -> None:
    taken = 0

    def floods(connection: socket.socket) -> None:
        nonlocal taken
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while taken < 100 * MAX_ANSWER_BYTES:
            taken += connection.send(b"10000\r\n" + bytes(65536) + b"\r\n")

    with WebServer(behaves=floods) as server:
        result = sent_to(server)
    assert result.reaction is Reaction.STORED_WITH_WARNING
    assert taken < 20 * MAX_ANSWER_BYTES


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00",  # A-ABORT of a DICOM port
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 999999 Whatever\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a" * 200_000,
    ],
)
def test_what_is_no_http_is_a_result_and_no_exception(garbage: bytes) -> None:
    def behaves(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(garbage)
        connection.close()

    with WebServer(behaves=behaves) as server:
        assert not sent_to(server).reaction.is_stored


def test_a_connection_that_breaks_before_the_answer_leaves_the_outcome_unknown() -> None:
    def breaks(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.close()

    with WebServer(behaves=breaks) as server:
        assert sent_to(server).reaction is Reaction.UNKNOWN_OUTCOME


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"http://{LOOPBACK}:{free_port()}/x", "nothing listens"),
        ("https://nobody.invalid/x", "no host is known"),
    ],
    ids=["nothing listens", "no such host"],  # a free port is another one in each process
)
def test_where_nobody_is_nothing_is_sent(url: str, words: str) -> None:
    result = stow_sender(destination(url)).send(instance())
    assert result.reaction is Reaction.UNREACHABLE
    assert words in result.message


def test_a_file_that_shrinks_while_it_is_sent_is_ours_to_mend() -> None:
    class Shrunk(BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return super().seek(offset, whence) + 1000

    with WebServer(stored) as server, pytest.raises(UnavailableInstance):
        sent_to(server, OutgoingInstance("1.2", "1.2.3", "1.2", lambda: Shrunk(bytes(10))))


def test_breaking_off_from_another_thread_ends_a_send_at_once() -> None:
    silent = WebServer(behaves=lambda _connection: time.sleep(10))
    with silent as server, closing(stow_sender(destination(server.url))) as sender:
        results: list[SendResult] = []
        sending = threading.Thread(target=lambda: results.append(sender.send(instance())))
        sending.start()
        time.sleep(0.3)
        sender.abort()
        sending.join(2)
        assert [result.reaction for result in results] == [Reaction.UNKNOWN_OUTCOME]
        assert sender.send(instance()).reaction is Reaction.UNREACHABLE


def test_uids_make_no_difference_to_what_is_asked() -> None:
    with WebServer(stored) as server:
        sent_to(server, instance(generate_uid()))
        assert server.received[0].line == "POST /dicom-web/studies HTTP/1.1"
