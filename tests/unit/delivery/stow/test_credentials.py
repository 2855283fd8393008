"""The token that is shown: read anew each time, and never one that could break out of its header."""

from pathlib import Path

import pytest

from gateway.delivery.stow.credentials import MAX_TOKEN_BYTES, TlsFiles, token_source
from gateway.delivery.stow.endpoint import Endpoint
from gateway.delivery.stow.errors import ExchangeFailed, NoToken


def test_without_a_token_set_none_is_shown() -> None:
    assert token_source(None, None)() is None


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    source = token_source(path, None)
    path.write_text("first\n")
    assert source() == "first"
    path.write_text("second\nnot this\n")
    assert source() == "second"


def test_a_variable_is_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    source = token_source(None, "SOME_TOKEN")
    monkeypatch.setenv("SOME_TOKEN", "abc.def~=")
    assert source() == "abc.def~="
    monkeypatch.delenv("SOME_TOKEN")
    with pytest.raises(NoToken, match="SOME_TOKEN"):
        source()


@pytest.mark.parametrize("content", [b"", b"\nabc", b"a b", b"a\rX-Evil: 1", b"\xff\xfe", b"'quoted'"])
def test_a_file_that_holds_no_token_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(NoToken) as raised:
        token_source(path, None)()
    assert str(raised.value) == "the token file holds no bearer token"


def test_an_endless_file_is_read_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"a" * (MAX_TOKEN_BYTES * 2))
    assert len(token_source(path, None)() or "") == MAX_TOKEN_BYTES


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoToken, match="No such file"):
        token_source(tmp_path / "none", None)()


def test_certificates_that_cannot_be_used_are_said_so(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    for files in (TlsFiles(ca=nonsense), TlsFiles(certificate=nonsense, key=nonsense), TlsFiles(ca=tmp_path / "none")):
        with pytest.raises(ExchangeFailed, match="certificates that are set"):
            files.context()


@pytest.mark.parametrize(
    ("url", "endpoint", "shown"),
    [
        ("https://h/dicom-web", Endpoint("h", 443, "/dicom-web", True), "h"),
        ("http://127.0.0.1:8042/dicom-web/", Endpoint("127.0.0.1", 8042, "/dicom-web", False), "127.0.0.1:8042"),
        ("http://[::1]:80", Endpoint("::1", 80, "", False), "[::1]"),
    ],
)
def test_an_address_is_taken_apart(url: str, endpoint: Endpoint, shown: str) -> None:
    assert Endpoint.of(url) == endpoint
    assert endpoint.host_header == shown
    assert str(Endpoint.of(url)).startswith(url.rstrip("/").removesuffix(":80"))
