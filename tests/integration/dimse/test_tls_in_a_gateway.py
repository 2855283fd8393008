"""A whole gateway over TLS, as its settings have it: heard over it, and calling over it."""

from pathlib import Path
from typing import Any

import pytest

from deploy.demo import processes
from dimse.addresses import RemoteAE
from dimse.echo import echo
from dimse.errors import CannotListen
from dimse.tls import TlsClient
from gateway.config import ConfigurationError, Settings, load_settings
from gateway.delivery.pacs import PacsSenders
from gateway.hospitals.remotes import remote_of
from gateway.runtime import Gateway
from tests.integration.dimse.certificates import Authority
from tests.integration.dimse.conftest import DCMTK_ENVIRONMENT
from tests.peers import LOOPBACK, free_port, require
from tests.unit.dimse.samples import photo


def settings_of(folder: Path, dimse: dict[str, Any], **sections: Any) -> Settings:
    archive = {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"}
    return Settings.model_validate({"archive": archive, "dimse": {"port": 0, **dimse}, **sections})


def test_a_gateway_is_heard_over_tls_alone(tmp_path: Path) -> None:
    authority = Authority.made(tmp_path)
    own = authority.identity("gateway")
    files = {"tls_certificate": own.certificate, "tls_key": own.key, "tls_ca": authority.file}
    with Gateway(settings_of(tmp_path, {"tls": True, **files}), frozenset({"dimse"})) as gateway:
        secure = RemoteAE(LOOPBACK, gateway.dimse_port, "DERMGATE", TlsClient(authority.file, own))
        assert echo(secure, "CAMERA").ok
        assert not echo(RemoteAE(LOOPBACK, gateway.dimse_port, "DERMGATE"), "CAMERA").ok


def test_a_certificate_that_is_none_keeps_it_from_listening_in_words(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("none")
    files = {"tls_certificate": rubbish, "tls_key": rubbish, "tls_callers": "any"}
    gateway = Gateway(settings_of(tmp_path, {"tls": True, **files}), frozenset({"dimse"}))
    try:
        with pytest.raises(CannotListen, match=r"rubbish\.pem"):
            gateway.start()
    finally:
        gateway.stop()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[dimse]\ntls = true", "dimse: tls needs tls_certificate and tls_key"),
        ("[dimse]\ntls = true\ntls_certificate = 'a'\ntls_key = 'b'", "dimse: tls_callers: give tls_ca"),
        (
            "[[destinations]]\nname = 'a'\nport = 1\nae_title = 'A'\ntls_key = 'a'",
            "destinations.0: tls_certificate and tls_key: give both or none",
        ),
    ],
)
def test_settings_that_do_not_fit_together_are_named(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "dermgate.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file, {})
    assert any(told.startswith(fault) for told in raised.value.faults), raised.value.faults


def test_files_are_looked_for_beside_the_settings_unless_a_variable_names_them(tmp_path: Path) -> None:
    file = tmp_path / "dermgate.toml"
    file.write_text(
        "[dimse]\ntls_ca = 'ca.pem'\ntls_key = 'k'\n[[peers]]\nae_title = 'A'\nhost = 'h'\ntls_ca = 'p.pem'"
    )
    settings = load_settings(file, {"DERMGATE_DIMSE__TLS_KEY": "elsewhere.key"})
    assert settings.dimse.tls_ca == tmp_path / "ca.pem"
    assert settings.dimse.tls_key == Path("elsewhere.key")
    assert settings.peers[0].tls_ca == tmp_path / "p.pem"


@pytest.mark.peer
def test_a_destination_is_called_over_tls(tmp_path: Path) -> None:
    authority, port, log = Authority.made(tmp_path), free_port(), tmp_path / "log"
    server, own, received = authority.identity("server", "pacs.example"), authority.identity("gateway"), tmp_path / "in"
    received.mkdir()
    command: list[str | Path] = [
        require("storescp"),
        "+tls",
        server.key,
        server.certificate,
        "+cf",
        authority.file,
        "-rc",
        "+xa",
    ]
    process = processes.start(
        [*command, "-od", received, str(port)], log, folder=tmp_path, environment=DCMTK_ENVIRONMENT
    )
    entry = {"name": "pacs", "port": port, "ae_title": "PACS", "tls": True, "tls_ca": authority.file}
    files = {"tls_certificate": own.certificate, "tls_key": own.key, "tls_name": "pacs.example"}
    (destination,) = settings_of(tmp_path, {}, destinations=[entry | files]).destinations
    assert destination.kind == "dimse"
    try:
        processes.wait_for_ports(process, [port], log)
        assert echo(remote_of(destination, port), "DERMGATE").ok
        sender = PacsSenders("DERMGATE", lambda _instance: None)(destination)  # type: ignore[arg-type, return-value]
        assert sender.send(photo().outgoing).reaction.is_stored
        sender.close()
    finally:
        processes.end(process)
    assert len(list(received.iterdir())) == 1
