import socket
import time
from collections.abc import Callable

import pytest

from dimse.addresses import RemoteAE
from dimse.association import Obstacle
from dimse.echo import echo
from tests.integration.dimse.conftest import HASTY, Pacs, Receiver
from tests.peers import LOOPBACK, Orthanc, free_port

Listener = Callable[[Callable[[socket.socket], None]], RemoteAE]


def test_a_port_where_nothing_listens_refuses() -> None:
    result = echo(RemoteAE(LOOPBACK, free_port(), "PACS"), "DERMGATE")
    assert result.obstacle is Obstacle.CONNECTION_REFUSED
    assert "connection refused" in result.words


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70 + ".invalid"])
def test_an_unknown_host_name_is_said_to_be_unknown(host: str) -> None:
    assert echo(RemoteAE(host, 104, "PACS"), "DERMGATE").obstacle is Obstacle.HOST_UNKNOWN


def test_an_address_that_no_route_leads_to_is_unreachable() -> None:
    result = echo(RemoteAE("255.255.255.255", 104, "PACS"), "DERMGATE", HASTY)
    assert result.obstacle is Obstacle.UNREACHABLE


def test_a_host_that_does_not_take_the_connection_times_out(black_hole: RemoteAE) -> None:
    started = time.monotonic()
    result = echo(black_hole, "DERMGATE", HASTY)
    assert result.obstacle is Obstacle.TIMEOUT
    assert "no connection" in result.words
    assert time.monotonic() - started < 3


def test_a_port_that_takes_connections_and_says_nothing_times_out(listener: Listener) -> None:
    started = time.monotonic()
    result = echo(listener(lambda connection: None), "DERMGATE", HASTY)
    assert result.obstacle is Obstacle.TIMEOUT
    assert "did not answer in time" in result.words
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x02\x00\xff\xff\xff\xff" + bytes(64),
        b"\x03\x00\x00",
        b"",
    ],
    ids=["http", "a PDU of 4 GiB", "half a head", "closed"],
)
def test_a_peer_that_answers_rubbish_is_told_from_a_silent_one(listener: Listener, answer: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)

    assert echo(listener(script), "DERMGATE", HASTY).obstacle is Obstacle.ABORTED


def test_an_unknown_calling_ae_title_is_said_in_words(pacs: Callable[..., Pacs]) -> None:
    result = echo(pacs(require_calling_aet=["OTHER"]).remote, "DERMGATE")
    assert result.obstacle is Obstacle.REJECTED
    assert "does not know our AE title DERMGATE" in result.words


def test_a_wrong_called_ae_title_is_said_in_words(pacs: Callable[..., Pacs]) -> None:
    remote = pacs(require_called_aet=True).remote
    result = echo(RemoteAE(remote.host, remote.port, "ELSEWHERE"), "DERMGATE")
    assert result.obstacle is Obstacle.REJECTED
    assert "does not answer to the AE title ELSEWHERE" in result.words


def test_a_rejection_for_a_reserved_reason_is_reported_with_its_number(listener: Listener) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"\x03\x00\x00\x00\x00\x04\x00\x01\x01\x0a")
        connection.shutdown(socket.SHUT_WR)

    result = echo(listener(script), "DERMGATE", HASTY)
    assert result.obstacle is Obstacle.REJECTED
    assert "reason 10" in result.words


@pytest.mark.peer
def test_a_refusing_storescp_is_rejected_without_a_reason(storescp: Callable[..., Receiver]) -> None:
    result = echo(storescp("--refuse").remote, "DERMGATE")
    assert result.obstacle is Obstacle.REJECTED
    assert "without giving a reason" in result.words


@pytest.mark.peer
def test_a_storescp_is_verified(storescp: Callable[..., Receiver]) -> None:
    result = echo(storescp().remote, "DERMGATE")
    assert result.ok
    assert result.obstacle is None


def test_an_orthanc_is_verified(orthanc: Orthanc) -> None:
    assert echo(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE").ok
