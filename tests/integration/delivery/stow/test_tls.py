"""STOW-RS over TLS: who is trusted, who we are, and what is said where that does not fit."""

import json
import ssl
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dimse.outgoing import SendResult
from dimse.reactions import Reaction
from gateway.config import StowDestination
from gateway.delivery.stow.connecting import stow_sender
from tests.integration.delivery.stow.test_sending import instance
from tests.integration.delivery.stow.web_server import Received, WebServer, answer
from tests.integration.dimse.certificates import Authority
from tests.unit.delivery.stow.test_answers import response


def stored(_request: Received) -> bytes:
    return answer(200, json.dumps(response()).encode())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


def server_side(authority: Authority, *hosts: str, expired: bool = False) -> ssl.SSLContext:
    identity = authority.identity("server", *hosts, expired=expired)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    return context


def sent_to(server: WebServer, padding_bytes: int = 0, **values: Any) -> SendResult:
    destination = StowDestination(name="web", kind="stow", url=server.url, response_seconds=5, **values)
    with closing(stow_sender(destination)) as sender:
        return sender.send(instance(padding_bytes=padding_bytes))


def test_a_server_whose_signer_is_trusted_gets_objects_large_ones_too(authority: Authority) -> None:
    with WebServer(stored, tls=server_side(authority)) as server:
        assert sent_to(server, 5_000_000, tls_ca=authority.file).reaction is Reaction.STORED
        assert len(server.received[0].body) > 5_000_000


def test_one_connection_and_one_handshake_serve_many_objects(authority: Authority) -> None:
    with WebServer(stored, tls=server_side(authority)) as server:
        destination = StowDestination(name="web", kind="stow", url=server.url, tls_ca=authority.file)
        with closing(stow_sender(destination)) as sender:
            assert [sender.send(instance()).reaction for _ in range(5)] == [Reaction.STORED] * 5
        assert server.connections == 1


def test_an_answer_before_the_end_of_a_large_object_is_heard_through_tls(authority: Authority) -> None:
    def refuses(connection: Any) -> None:
        connection.recv(100)
        connection.sendall(answer(413, Connection="close"))
        connection.recv(100)

    with WebServer(behaves=refuses, tls=server_side(authority)) as server:
        assert sent_to(server, 30_000_000, tls_ca=authority.file).reaction is Reaction.PERMANENT


@pytest.mark.parametrize(
    ("hosts", "expired", "words"),
    [((), False, "not trusted"), (("other.example",), False, "127.0.0.1"), ((), True, "expired")],
)
def test_a_certificate_that_does_not_hold_gets_nothing(
    authority: Authority, tmp_path: Path, hosts: tuple[str, ...], expired: bool, words: str
) -> None:
    trusted = authority.file if hosts or expired else Authority.made(tmp_path, "another").file
    with WebServer(stored, tls=server_side(authority, *hosts, expired=expired)) as server:
        result = sent_to(server, tls_ca=trusted)
        assert server.received == []
    assert result.reaction is Reaction.CONFIGURATION
    assert words in result.message


def test_a_server_that_wants_our_certificate_gets_it_or_is_told_of(authority: Authority) -> None:
    demanding = server_side(authority)
    demanding.verify_mode = ssl.CERT_REQUIRED
    demanding.load_verify_locations(authority.file)
    ours = authority.identity("ours", "dermgate.example")
    with WebServer(stored, tls=demanding) as server:
        result = sent_to(server, tls_ca=authority.file, tls_certificate=ours.certificate, tls_key=ours.key)
        assert result.reaction is Reaction.STORED
        refused = sent_to(server, tls_ca=authority.file)
    assert not refused.reaction.is_stored
    assert "tls_certificate" in refused.message


def test_tls_older_than_1_2_is_not_spoken(authority: Authority) -> None:
    old = server_side(authority)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with WebServer(stored, tls=old) as server:
        assert not sent_to(server, tls_ca=authority.file).reaction.is_stored
        assert server.received == []
