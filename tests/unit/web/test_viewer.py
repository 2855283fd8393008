"""The viewer's folder: only its own files, whatever is asked for, with headers that keep them to themselves."""

import asyncio
import gzip
import os
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway.config import ConfigurationError
from gateway.web import viewer
from gateway.web.viewer import viewer_files, viewer_mount

PAGE, SCRIPT = b"<!doctype html><title>viewer</title>", b"// a script\n" * 500


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "viewer"
    (made / "assets").mkdir(parents=True)
    (made / "index.html").write_bytes(PAGE)
    (made / "app.bundle.0123456789abcdef.js").write_bytes(SCRIPT)
    (made / "app.bundle.0123456789abcdef.js.gz").write_bytes(gzip.compress(SCRIPT))
    (made / "codec.wasm").write_bytes(b"\0asm")
    (made / "assets" / "icon.svg").write_bytes(b"<svg/>")
    (tmp_path / "secret.txt").write_bytes(b"SECRET")
    return made


def ask(folder: Path, path: str, **headers: str) -> httpx.Response:
    app = Starlette(routes=[viewer_mount(folder)])

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            named = {name.replace("_", "-"): value for name, value in {"accept_encoding": "", **headers}.items()}
            return await client.send(client.build_request("GET", path, headers=named))

    return asyncio.run(get())


def test_a_folder_without_a_page_is_no_viewer(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ConfigurationError, match=r"holds no index\.html"):
            viewer_mount(folder)


def test_a_folder_of_too_many_files_is_no_viewer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "_MOST_FILES", 3)
    with pytest.raises(ConfigurationError, match="more than 3 files"):
        viewer_mount(folder)


@pytest.mark.parametrize(
    "path",
    [
        "/viewer/../secret.txt",
        "/viewer/%2e%2e/secret.txt",
        "/viewer/..%2fsecret.txt",
        "/viewer//etc/passwd.txt",
        "/viewer/assets/../../secret.txt",
        "/viewer/secret.txt%00.js",
        "/viewer/..\\secret.txt",
        "/viewer/absent.js",
        "/viewer/link.txt",
        "/viewer/app.bundle.0123456789abcdef.js.gz",
    ],
)
def test_nothing_but_the_folders_own_files_is_sent(folder: Path, path: str) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    answer = ask(folder, path)
    assert answer.status_code == 404
    assert b"SECRET" not in answer.content


def test_a_link_to_a_folder_is_not_followed(folder: Path) -> None:
    (folder / "outside").symlink_to(folder.parent)
    assert not [name for name in viewer_files(folder) if name.startswith("outside")]


@pytest.mark.parametrize("path", ["/viewer/", "/viewer/viewer?StudyInstanceUIDs=1.2.3", "/viewer/index.html"])
def test_the_page_answers_for_every_address_it_makes_up(folder: Path, path: str) -> None:
    answer = ask(folder, path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"


def test_the_address_without_slash_leads_to_the_one_with_it(folder: Path) -> None:
    assert ask(folder, "/viewer").headers["location"].endswith("/viewer/")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app.bundle.0123456789abcdef.js", "text/javascript; charset=utf-8"),
        ("codec.wasm", "application/wasm"),
        ("assets/icon.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_media_type(folder: Path, name: str, media_type: str) -> None:
    answer = ask(folder, f"/viewer/{name}")
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_named_by_its_content_is_kept_for_ever(folder: Path) -> None:
    answer = ask(folder, "/viewer/app.bundle.0123456789abcdef.js")
    assert "immutable" in answer.headers["cache-control"]


def test_what_lies_packed_is_sent_packed_to_who_takes_it_so(folder: Path) -> None:
    packed = ask(folder, "/viewer/app.bundle.0123456789abcdef.js", accept_encoding="gzip, br")
    plain = ask(folder, "/viewer/app.bundle.0123456789abcdef.js")
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content == SCRIPT
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"


def test_what_is_known_is_not_sent_again(folder: Path) -> None:
    etag = ask(folder, "/viewer/").headers["etag"]
    assert ask(folder, "/viewer/", if_none_match=etag).status_code == 304
    os.utime(folder / "index.html", (1, 1))
    assert ask(folder, "/viewer/", if_none_match=etag).status_code == 200


def test_the_policy_allows_nothing_from_elsewhere_and_no_inline_script(folder: Path) -> None:
    policy = ask(folder, "/viewer/").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'unsafe-eval'"
    assert rules["frame-ancestors"] == "'none'"
    assert "http" not in policy
    assert "*" not in policy
