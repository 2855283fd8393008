"""`dermgate check` of destinations, against whatever may listen there: each mistake is named, with what to change."""

import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
)
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made when it is loaded

from dimse.commitment_data import COMMITMENT_CLASS
from dimse.incoming import ProviderConfig
from dimse.listener_kind import ListenerKind, kind_of_listener
from dimse.probing import STUDY_ROOT_FIND
from dimse.receive import StorageProvider
from dimse.storing import held_whole
from dimse.tls import Identity, TlsServer
from gateway.cli import main
from gateway.commands.checking.pacs import Seen, look_at_pacs
from gateway.commands.checking.web import look_at_web
from gateway.commands.checking.worklist import look_at_worklist
from gateway.config import DimseDestination, StowDestination, WorklistSettings
from tests.integration.delivery.stow.web_server import Received, WebServer, answer
from tests.integration.dimse.certificates import Authority
from tests.peers import LOOPBACK, Orthanc, Remote, free_port, require


def seen_at(port: int, ae_title: str = "PACS", **values: Any) -> Seen:
    destination = DimseDestination(
        name="pacs", port=port, ae_title=ae_title, connect_seconds=2, acse_seconds=2, dimse_seconds=2, **values
    )
    return look_at_pacs(destination, "DERMGATE")


def taken_of(seen: Seen) -> dict[str, str]:
    return {each.what: each.how for each in seen.taken}


def port_of(server: WebServer) -> int:
    return int(server.url.rsplit(":", 1)[1].partition("/")[0])


def fault_of(url: str, **values: Any) -> str:
    return look_at_web(StowDestination(name="web", kind="stow", url=url, response_seconds=2, **values))


Answers = Callable[[evt.Event], Iterator[tuple[int, None]]]


def finds_nothing(_event: evt.Event) -> Iterator[tuple[int, None]]:
    yield 0x0000, None


def may_not_query(_event: evt.Event) -> Iterator[tuple[int, None]]:
    yield 0x0124, None


def hangs_up_at_queries(event: evt.Event) -> Iterator[tuple[int, None]]:
    event.assoc.abort()
    yield from ()


@contextmanager
def scp(
    *contexts: tuple[str, str], echo_status: int = 0, answers: Answers | None = finds_nothing, **settings: Any
) -> Iterator[int]:
    """A PACS that takes verification, queries unless `answers` is None, and these (SOP class, syntax); its port."""
    ae = AE("PACS")
    for name, value in settings.items():
        setattr(ae, name, value)
    queries = [] if answers is None else [(STUDY_ROOT_FIND, ExplicitVRLittleEndian)]
    for sop_class, syntax in [(Verification, ExplicitVRLittleEndian), *queries, *contexts]:
        ae.add_supported_context(sop_class, syntax)
    port = free_port()
    handlers: list[Any] = [(evt.EVT_C_ECHO, lambda _event: echo_status), (evt.EVT_C_FIND, answers or finds_nothing)]
    server = ae.start_server((LOOPBACK, port), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        yield port
    finally:
        server.shutdown()


PHOTOS = (VLPhotographicImageStorage, JPEGBaseline8Bit)


def test_a_pacs_that_takes_photos_is_well_and_tells_what_it_takes() -> None:
    with scp(PHOTOS, (SecondaryCaptureImageStorage, ExplicitVRLittleEndian)) as port:
        seen = seen_at(port)
    assert seen.fault == ""
    taken = taken_of(seen)
    assert (taken["photos"], taken["secondary captures"], taken["videos"]) == ("JPEG", "uncompressed", "")
    assert (taken["C-ECHO"], taken["C-FIND (proof by query)"], taken["storage commitment"]) == ("yes", "yes", "")


def test_our_own_title_that_is_not_known_there_is_named() -> None:
    with scp(PHOTOS, require_calling_aet=["OTHER"]) as port:
        fault = seen_at(port).fault
    assert "DERMGATE" in fault
    assert "register" in fault
    assert "stays" in fault


def test_a_title_that_is_not_theirs_is_named() -> None:
    with scp(PHOTOS, require_called_aet=True) as port:
        fault = seen_at(port, "NOBODY").fault
    assert "NOBODY" in fault
    assert "AE title" in fault


def test_a_pacs_with_too_many_callers_is_told_apart_from_one_that_refuses_us() -> None:
    with scp(PHOTOS, maximum_associations=1) as port:
        ae = AE("OTHER")
        ae.add_requested_context(Verification)
        other = ae.associate(LOOPBACK, port, ae_title="PACS")
        fault = seen_at(port).fault
        other.release()
    assert "passes by itself" in fault


def test_a_pacs_without_photos_says_what_to_ask_for_or_to_set() -> None:
    with scp((SecondaryCaptureImageStorage, ExplicitVRLittleEndian)) as port:
        assert "secondary_capture = true" in seen_at(port).fault
        assert seen_at(port, secondary_capture=True).fault == ""
    with scp() as port:
        assert VLPhotographicImageStorage in seen_at(port).fault


def test_a_pacs_without_storage_commitment_is_told_where_it_is_wanted() -> None:
    with scp(PHOTOS) as port:
        assert 'proof = "query"' in seen_at(port, proof="commitment").fault


def test_a_failing_echo_is_told() -> None:
    with scp(PHOTOS, echo_status=0x0211) as port:
        seen = seen_at(port)
    assert "0x0211" in seen.fault
    assert taken_of(seen)["C-ECHO"] == ""


@pytest.mark.parametrize("proof", ["query", "commitment"])
@pytest.mark.parametrize(("answers", "why"), [(may_not_query, "0x0124"), (hangs_up_at_queries, "broke off")])
def test_queries_that_are_accepted_and_then_refused_are_told_with_the_title_to_register(
    answers: Answers, why: str, proof: str
) -> None:
    with scp(PHOTOS, (COMMITMENT_CLASS, ExplicitVRLittleEndian), answers=answers) as port:
        seen = seen_at(port, proof=proof)
        assert seen_at(port, proof="none").fault == ""
    assert why in seen.fault
    assert "register" in seen.fault
    assert "DERMGATE" in seen.fault
    assert taken_of(seen)["C-FIND (proof by query)"] == ""


def test_a_pacs_without_queries_is_told_where_they_are_to_prove() -> None:
    with scp(PHOTOS, answers=None) as port:
        assert 'proof = "none"' in seen_at(port).fault
        assert seen_at(port, proof="none").fault == ""
    with scp(PHOTOS, (COMMITMENT_CLASS, ExplicitVRLittleEndian), answers=None) as port:
        assert 'proof = "commitment"' in seen_at(port).fault
        assert seen_at(port, proof="commitment").fault == ""


def test_a_pacs_without_reports_is_well_and_said_to_take_none() -> None:
    reports = (Comprehensive3DSRStorage, ExplicitVRLittleEndian)
    with scp(PHOTOS) as without, scp(PHOTOS, reports) as rich:
        assert "report = false" in seen_at(without).note
        assert seen_at(rich).note == ""


def greets(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")
    time.sleep(0.5)


def hangs_up(connection: socket.socket) -> None:
    connection.recv(100)
    connection.close()


def test_what_is_no_dicom_port_is_recognised(certificate: ssl.SSLContext) -> None:
    with WebServer() as web, WebServer(tls=certificate) as encrypted:
        assert "HTTP port" in seen_at(port_of(web)).fault
        assert "TLS" in seen_at(port_of(encrypted)).fault
    with WebServer(behaves=greets) as mail, WebServer(behaves=hangs_up) as stranger:
        assert "speaks first" in seen_at(port_of(mail)).fault
        assert "register DERMGATE" in seen_at(port_of(stranger)).fault
    assert "nothing listens" in seen_at(free_port()).fault
    assert kind_of_listener(LOOPBACK, free_port()) is ListenerKind.NOBODY


def test_a_port_that_never_says_anything_costs_bounded_time() -> None:
    with WebServer(behaves=lambda _connection: time.sleep(10)) as silent:
        started = time.monotonic()
        assert kind_of_listener(LOOPBACK, port_of(silent), seconds=0.3) is ListenerKind.SILENT
    assert time.monotonic() - started < 2


def found_nothing(_request: Received) -> bytes:
    return answer(200, b"[]", Content_Type="application/dicom+json")


def test_a_dicomweb_server_is_well_and_is_asked_for_nobodys_data() -> None:
    with WebServer(found_nothing) as server:
        assert fault_of(server.url) == ""
        (request,) = server.received
    assert request.line.startswith("GET /dicom-web/studies?StudyInstanceUID=")


def test_a_path_that_leads_nowhere_is_told_with_the_one_that_may_be_meant() -> None:
    def elsewhere(request: Received) -> bytes:
        return found_nothing(request) if "/dicomweb/" in request.line else answer(404)

    with WebServer(elsewhere) as server:
        assert f'is url = "{server.url.replace("dicom-web", "dicomweb")}" meant?' in fault_of(server.url)


def test_a_web_page_is_no_dicomweb_server() -> None:
    with WebServer(lambda _request: answer(200, b"<html>", Content_Type="text/html")) as server:
        assert "web page" in fault_of(server.url)


def test_a_missing_token_is_told_apart_from_a_wrong_one(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old")
    with WebServer(lambda _request: answer(401)) as server:
        assert "none is set" in fault_of(server.url)
        assert "valid token" in fault_of(server.url, token_file=tmp_path / "token")
        assert "cannot be read" in fault_of(server.url, token_file=tmp_path / "none")


def test_a_token_that_may_store_and_not_search_is_told_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-a-modality")
    with WebServer(lambda _request: answer(403)) as server:
        fault = fault_of(server.url, token_file=tmp_path / "token")
    assert "may not search" in fault
    assert "`gateway`" in fault
    assert "store there" not in fault


def test_a_redirect_names_where_it_leads_and_nothing_that_may_be_secret() -> None:
    location = "https://user:secret@other.example/dicom-web/studies?token=secret"
    with WebServer(lambda _request: answer(302, Location=location)) as server:
        fault = fault_of(server.url)
    assert "(https://other.example/dicom-web)" in fault
    assert "secret" not in fault


def test_a_server_without_searches_is_well_where_no_proof_is_wanted() -> None:
    with WebServer(lambda _request: answer(501)) as server:
        assert 'proof = "none"' in fault_of(server.url)
        assert fault_of(server.url, proof="none") == ""


def test_http_and_https_mistaken_for_each_other_are_told(certificate: ssl.SSLContext) -> None:
    with WebServer(found_nothing) as plain, WebServer(found_nothing, tls=certificate) as encrypted:
        assert "HTTP without TLS" in fault_of(plain.url.replace("http:", "https:"))
        assert "begin with https://" in fault_of(encrypted.url.replace("https:", "http:"))
        assert "tls_ca" in fault_of(encrypted.url)


def test_a_fault_of_tls_says_what_to_set(start_provider_over_tls: "OverTls", authority: Authority) -> None:
    required = start_provider_over_tls(authority.identity("pacs"), authority.file)
    ours = authority.identity("gateway")
    ours_of_nobody = Authority.made(authority.folder, "nobody").identity("stranger")
    believed: dict[str, Any] = {"tls": True, "tls_ca": authority.file}
    assert "set `tls_ca`" in seen_at(required, tls=True).fault
    assert "set `tls_certificate` and `tls_key` here" in seen_at(required, **believed).fault
    refused = seen_at(required, **believed, tls_certificate=ours_of_nobody.certificate, tls_key=ours_of_nobody.key)
    assert "trust whoever signed `tls_certificate`" in refused.fault
    well = seen_at(required, "DERMGATE", **believed, tls_certificate=ours.certificate, tls_key=ours.key)
    assert {each.what: each.how for each in well.taken}["photos"].startswith("JPEG")


def test_our_own_certificates_are_looked_at_before_anybody_calls(
    tmp_path: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, another = authority.identity("gateway"), authority.identity("another")
    assert "no certificate and key" in own_tls(tmp_path, ours.certificate, tmp_path / "none.key", capsys)["dimse"]
    assert "no certificate and key" in own_tls(tmp_path, ours.certificate, another.key, capsys)["dimse"]
    told = own_tls(tmp_path, ours.certificate, ours.key, capsys)
    assert told["dimse"] == ""
    assert "holds no certificates" in told["peer WARD"]


def own_tls(folder: Path, certificate: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What check says of a listener with these files, and of a peer whose authority is not there."""
    config = folder / "dermgate.toml"
    config.write_text(
        f'[dimse]\ntls = true\ntls_callers = "any"\ntls_certificate = "{certificate}"\ntls_key = "{key}"\n'
        f'[[peers]]\nae_title = "WARD"\nhost = "127.0.0.1"\ntls = true\ntls_ca = "{folder / "none.pem"}"\n'
    )
    assert main(["check", "--json", "--config", str(config)]) == 1
    return {each["what"]: each["fault"] for each in map(json.loads, capsys.readouterr().out.splitlines())}


def test_a_worklist_is_called_over_tls_where_it_is_set(
    start_provider_over_tls: "OverTls", authority: Authority
) -> None:
    port = start_provider_over_tls(authority.identity("worklist"), None)
    settings = WorklistSettings(host=LOOPBACK, port=port, ae_title="DERMGATE", tls=True, tls_ca=authority.file)
    assert "none of the presentation contexts" in (look_at_worklist(settings, "DERMGATE") or "")


def test_a_certificate_of_another_host_and_an_old_one_are_told(
    start_provider_over_tls: "OverTls", authority: Authority
) -> None:
    other = start_provider_over_tls(authority.identity("other", "pacs.example"), None)
    old = start_provider_over_tls(authority.identity("old", expired=True), None)
    believed: dict[str, Any] = {"tls": True, "tls_ca": authority.file}
    assert "set `tls_name`" in seen_at(other, **believed).fault
    assert "renew" in seen_at(old, **believed).fault
    assert seen_at(other, "DERMGATE", **believed, tls_name="pacs.example").taken


def test_a_pacs_without_tls_is_told_from_one_that_has_it(
    start_provider_over_tls: "OverTls", authority: Authority
) -> None:
    with scp(PHOTOS) as plain:
        assert "set tls = false here" in seen_at(plain, tls=True, tls_ca=authority.file).fault
    encrypted = start_provider_over_tls(authority.identity("pacs"), None)
    assert "TLS is spoken there" in seen_at(encrypted).fault


def test_a_certificate_that_the_settings_trust_is_trusted(certificate: ssl.SSLContext, authority: Authority) -> None:
    with WebServer(found_nothing, tls=certificate) as encrypted:
        assert fault_of(encrypted.url, tls_ca=authority.file) == ""


@pytest.mark.peer
def test_orthanc_and_storescp_tell_what_they_take(orthanc: Orthanc, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "kept").mkdir()
    with subprocess.Popen([str(require("storescp")), "-od", str(tmp_path / "kept"), str(port)]) as process:
        try:
            deadline = time.monotonic() + 10
            while kind_of_listener(LOOPBACK, port, 0.2) is ListenerKind.NOBODY and time.monotonic() < deadline:
                time.sleep(0.1)
            plain = {each.what: each.how for each in seen_at(port, "STORESCP").taken}
        finally:
            process.terminate()
    assert (plain["photos"], plain["videos"]) == ("uncompressed, uncompressed (implicit VR)", "")
    rich = {each.what: each.how for each in seen_at(orthanc.dicom_port, orthanc.ae_title).taken}
    assert rich["photos"].startswith("JPEG, JPEG-LS, uncompressed")
    assert rich["storage commitment"] == "yes"
    assert fault_of(orthanc.dicom_web) == ""
    assert f'"{orthanc.dicom_web}" meant?' in fault_of(orthanc.url)


@pytest.mark.peer
def test_orthanc_that_does_not_know_us_is_told_whether_it_answers_echos_or_not() -> None:
    with Orthanc(DicomAlwaysAllowFind=False) as orthanc:
        fault = seen_at(orthanc.dicom_port, orthanc.ae_title).fault
        assert "broke off" in fault
        assert "DERMGATE is not registered" in fault
        assert seen_at(orthanc.dicom_port, orthanc.ae_title, proof="commitment").fault == fault
    with Orthanc(DicomAlwaysAllowFind=False, DicomAlwaysAllowEcho=False) as orthanc:
        silent = seen_at(orthanc.dicom_port, orthanc.ae_title)
        assert "did not answer the echo: perhaps our title DERMGATE is not registered" in silent.fault
        assert taken_of(silent)["C-ECHO"] == ""
    with Orthanc(remotes={"us": Remote("DERMGATE", free_port())}, DicomAlwaysAllowFind=False) as orthanc:
        assert seen_at(orthanc.dicom_port, orthanc.ae_title).fault == ""


def test_everything_is_told_to_programs_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with scp(PHOTOS) as port:
        config = tmp_path / "dermgate.toml"
        config.write_text(f'[[destinations]]\nname = "pacs"\nport = {port}\nae_title = "PACS"\n')
        assert main(["check", "--json", "--config", str(config)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (pacs,) = (each for each in told if each.get("what") == "destination pacs")
    assert (pacs["ok"], pacs["fault"]) == (True, "")
    assert "takes no reports" in pacs["note"]
    assert told[-1]["takes"]["photos"] == "JPEG"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whose signature nobody trusts who is not told to."""
    return Authority.made(tmp_path_factory.mktemp("certificates"))


OverTls = Callable[[Identity, Path | None], int]
"""Starts a provider with this identity, which wants certificates of that authority (None: of nobody); its port."""


@pytest.fixture
def start_provider_over_tls() -> Iterator[OverTls]:
    with ExitStack() as stack:

        def start(identity: Identity, callers: Path | None) -> int:
            tls = TlsServer(identity, callers, caller_required=callers is not None)
            config = ProviderConfig(LOOPBACK, 0, "DERMGATE", tls=tls)
            provider = StorageProvider(config, held_whole(lambda _received: 0))
            provider.start()
            stack.callback(provider.stop, 1.0)
            return provider.port

        yield start


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate of that authority."""
    identity = authority.identity("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    return context
