"""Associations over TLS, both ways: who is let in, who is not, and what each hears of it."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRLittleEndian

from deploy.demo import processes
from dimse.addresses import RemoteAE, Timeouts
from dimse.association import Obstacle
from dimse.echo import echo
from dimse.errors import InvalidAddress
from dimse.listening import SPARE_CONNECTIONS
from dimse.reactions import Reaction
from dimse.send import StorageSender
from dimse.tls import Identity, TlsClient, TlsProfile, TlsServer, client_context, server_context
from tests.integration.dimse.certificates import Authority
from tests.integration.dimse.conftest import DCMTK_ENVIRONMENT, Providing, data_set_of, eventually, run_dcmtk
from tests.peers import LOOPBACK, free_port, require
from tests.unit.dimse.samples import photo

StartProvider = Callable[..., Providing]
BRIEF = Timeouts(connect_seconds=1, acse_seconds=1, dimse_seconds=2, network_seconds=2)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


def served(providing: StartProvider, authority: Authority, **settings: object) -> Providing:
    tls = TlsServer(authority.identity("server"), authority.file)
    return providing(**({"tls": tls, "timeouts": BRIEF} | settings))


def remote(ours: Providing, tls: TlsClient | None) -> RemoteAE:
    return RemoteAE(LOOPBACK, ours.provider.port, "DERMGATE", tls)


def test_with_certificates_on_both_sides_objects_go_through_byte_for_byte(
    providing: StartProvider, authority: Authority
) -> None:
    ours = served(providing, authority)
    small, large = photo(1), photo(2, transfer_syntax=ExplicitVRLittleEndian, rows=1500, columns=1500)
    with StorageSender(remote(ours, TlsClient(authority.file, authority.identity("camera"))), "CAMERA") as sender:
        assert [sender.send(one.outgoing).reaction for one in (small, large, small)] == [Reaction.STORED] * 3
    assert [received.data_set for received in ours.received] == [data_set_of(one.file) for one in (small, large, small)]


def test_a_caller_without_a_certificate_is_turned_away_and_told_why(
    providing: StartProvider, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    ours = served(providing, authority)
    heard = echo(remote(ours, TlsClient(authority.file)), "CAMERA", BRIEF)
    assert (heard.ok, heard.obstacle) == (False, Obstacle.TLS)
    assert "wants a certificate of ours" in heard.words
    assert eventually(lambda: "shows no certificate, which is required" in caplog.text)


def test_where_callers_need_none_a_certificate_is_not_asked_for(providing: StartProvider, authority: Authority) -> None:
    ours = providing(tls=TlsServer(authority.identity("server"), caller_required=False))
    assert echo(remote(ours, TlsClient(authority.file)), "CAMERA", BRIEF).ok


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "certificate has expired"),
        ("wrong host", "IP address mismatch"),
        ("unknown authority", "unable to get local issuer certificate"),
    ],
)
def test_a_server_that_is_not_who_it_should_be_is_sent_nothing(
    providing: StartProvider, authority: Authority, tmp_path: Path, fault: str, words: str
) -> None:
    identity = {
        "expired": lambda: authority.identity("server", expired=True),
        "wrong host": lambda: authority.identity("server", "elsewhere.example"),
        "unknown authority": lambda: Authority.made(tmp_path, "other").identity("server"),
    }[fault]()
    ours = providing(tls=TlsServer(identity, caller_required=False))
    with StorageSender(remote(ours, TlsClient(authority.file)), "CAMERA", BRIEF) as sender:
        result = sender.send(photo().outgoing)
    assert result.reaction is Reaction.CONFIGURATION
    assert words in result.message
    assert ours.received == []


def test_a_certificate_of_another_name_does_where_the_settings_name_it(
    providing: StartProvider, authority: Authority
) -> None:
    ours = providing(tls=TlsServer(authority.identity("server", "pacs.example"), caller_required=False))
    assert echo(remote(ours, TlsClient(authority.file, name="pacs.example")), "CAMERA", BRIEF).ok


@pytest.mark.parametrize("fault", ["expired", "unknown authority"])
def test_a_caller_whose_certificate_is_not_good_is_turned_away(
    providing: StartProvider, authority: Authority, tmp_path: Path, fault: str
) -> None:
    ours = served(providing, authority)
    identity = (
        authority.identity("camera", expired=True)
        if fault == "expired"
        else Authority.made(tmp_path, "other").identity("camera")
    )
    heard = echo(remote(ours, TlsClient(authority.file, identity)), "CAMERA", BRIEF)
    assert heard.obstacle is Obstacle.TLS
    assert "our certificate" in heard.words


def test_plain_to_tls_and_tls_to_plain_are_told_apart(providing: StartProvider, authority: Authority) -> None:
    secure, plain = served(providing, authority), providing(timeouts=BRIEF)
    assert not echo(remote(secure, None), "CAMERA", BRIEF).ok
    heard = echo(remote(plain, TlsClient(authority.file)), "CAMERA", BRIEF)
    assert heard.obstacle is Obstacle.TLS
    assert "does not speak TLS" in heard.words or "in time" in heard.words


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("profile", TlsProfile)
def test_both_profiles_take_tls_1_2_and_1_3(
    providing: StartProvider, authority: Authority, profile: TlsProfile, version: ssl.TLSVersion
) -> None:
    ours = providing(tls=TlsServer(authority.identity("server"), caller_required=False, profile=profile))
    context = client_context(TlsClient(authority.file))
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection((LOOPBACK, ours.provider.port), 5) as raw,
        context.wrap_socket(raw, server_hostname=LOOPBACK) as secured,
    ):
        cipher = secured.cipher()
    assert cipher is not None
    assert "GCM" in cipher[0] or "CHACHA20" in cipher[0]


@pytest.mark.parametrize("profile", TlsProfile)
def test_what_is_weak_is_in_no_profile(authority: Authority, profile: TlsProfile) -> None:
    context = server_context(TlsServer(authority.identity("server"), caller_required=False, profile=profile))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    names = [cipher["name"] for cipher in context.get_ciphers()]
    assert names
    assert all("GCM" in name or "CHACHA20" in name for name in names)
    assert all(name.startswith(("TLS_", "ECDHE", "DHE")) for name in names)


def test_half_a_handshake_holds_up_nobody_and_ends_in_time(providing: StartProvider, authority: Authority) -> None:
    ours = served(providing, authority, timeouts=Timeouts(acse_seconds=1, network_seconds=2))
    before = threading.active_count()
    ours_as_seen = remote(ours, TlsClient(authority.file, authority.identity("camera")))
    with ExitStack() as stack:
        silent = [
            stack.enter_context(socket.create_connection((LOOPBACK, ours.provider.port), 5))
            for _ in range(SPARE_CONNECTIONS - 2)
        ]
        for one in silent:
            one.sendall(b"\x16\x03\x01")
        started = time.monotonic()
        assert echo(ours_as_seen, "CAMERA", BRIEF).ok
        assert time.monotonic() - started < 1
        assert eventually(lambda: threading.active_count() <= before, 5)


def test_files_that_are_none_are_named(authority: Authority, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("none")
    with pytest.raises(InvalidAddress, match=r"rubbish\.pem"):
        client_context(TlsClient(rubbish))
    with pytest.raises(InvalidAddress, match=r"rubbish\.pem"):
        server_context(TlsServer(Identity(rubbish, rubbish), caller_required=False))
    with pytest.raises(InvalidAddress, match=r"missing\.pem"):
        client_context(TlsClient(tmp_path / "missing.pem"))
    with pytest.raises(InvalidAddress, match="authority"):
        TlsServer(authority.identity("server"))


@pytest.mark.peer
def test_dcmtk_calls_us_over_tls(providing: StartProvider, authority: Authority, tmp_path: Path) -> None:
    ours, camera = served(providing, authority), authority.identity("camera")
    (tmp_path / "photo.dcm").write_bytes(photo().file)
    secure: list[str | Path] = ["+tls", camera.key, camera.certificate, "+cf", authority.file, "-rc"]
    port = str(ours.provider.port)
    done = run_dcmtk("echoscu", *secure, "-aet", "CAMERA", LOOPBACK, port)
    assert done.returncode == 0, done.stderr
    done = run_dcmtk("storescu", *secure, "-xy", "-aet", "CAMERA", LOOPBACK, port, tmp_path / "photo.dcm")
    assert done.returncode == 0, done.stderr
    assert len(ours.received) == 1
    anonymous = run_dcmtk("echoscu", "+tla", "+cf", authority.file, "-aet", "CAMERA", LOOPBACK, port)
    assert anonymous.returncode != 0


@pytest.mark.peer
def test_we_call_dcmtk_over_tls(authority: Authority, tmp_path: Path) -> None:
    server, port, log = authority.identity("server"), free_port(), tmp_path / "log"
    received = tmp_path / "received"
    received.mkdir()
    process = processes.start(
        [
            require("storescp"), "+tls", server.key, server.certificate, "+cf", authority.file, "-rc", "+xa",
            "-od", received, str(port),
        ],
        log, folder=tmp_path, environment=DCMTK_ENVIRONMENT,
    )  # fmt: skip
    try:
        processes.wait_for_ports(process, [port], log)
        tls = TlsClient(authority.file, authority.identity("gateway"))
        with StorageSender(RemoteAE(LOOPBACK, port, "PACS", tls), "DERMGATE", BRIEF) as sender:
            assert sender.send(photo().outgoing).reaction is Reaction.STORED
        heard = echo(RemoteAE(LOOPBACK, port, "PACS", TlsClient(authority.file)), "DERMGATE", BRIEF)
        assert heard.obstacle is Obstacle.TLS
    finally:
        processes.end(process)
    assert len(list(received.iterdir())) == 1
