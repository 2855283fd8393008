"""OHIF's files get the addresses under which the gateway serves them, and nothing that it does not need."""

import gzip
import json
import re
from pathlib import Path

import pytest

from deploy.viewer import __main__ as command
from deploy.viewer.preparing import UnknownBuild, prepare

HERE = Path(command.__file__).parent
PAGE = """<!doctype html><html><head><script>console.time("x"),window.PUBLIC_URL="/"</script>\
<link rel="manifest" href="/manifest.json"><script rel="preload" as="script" src="/app-config.js"></script>\
<script rel="preload" as="script" type="module" src="/init-service-worker.js"></script>\
<script>window.PUBLIC_URL="/"</script><script defer src="/app.bundle.1.js"></script></head></html>"""


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    made = tmp_path / "dist"
    (made / "ort").mkdir(parents=True)
    (made / "ort" / "ort.wasm").write_bytes(b"large")
    (made / "index.html").write_text(PAGE)
    (made / "manifest.json").write_text('{"icons": [{"src": "/assets/icon.png"}]}')
    (made / "app.bundle.1.js").write_text('__webpack_require__.p = "/";\n' + "// code\n" * 1000)
    (made / "app.bundle.1.js.map").write_text("{}")
    (made / "app.css").write_text("@font-face { src: url(/font.woff2) }")
    for name in ("sw.js", "init-service-worker.js", "google.js", "app-config.js"):
        (made / name).write_text("// elsewhere")
    return made


def test_addresses_are_put_right(dist: Path, tmp_path: Path) -> None:
    prepare(dist, HERE / "app-config.js", tmp_path / "made")
    made = tmp_path / "made"
    page = (made / "index.html").read_text()
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == [
        "/viewer/start.js", "/viewer/manifest.json", "/viewer/app-config.js", "/viewer/app.bundle.1.js",
    ]  # fmt: skip
    assert "<script>" not in page
    assert (made / "start.js").read_text().count('window.PUBLIC_URL="/viewer/"') == 2
    assert (made / "app.bundle.1.js").read_text().startswith('__webpack_require__.p = "/viewer/";')
    assert "/viewer/assets/icon.png" in (made / "manifest.json").read_text()
    assert "url(/viewer/font.woff2)" in (made / "app.css").read_text()


def test_what_is_not_needed_stays_behind(dist: Path, tmp_path: Path) -> None:
    prepare(dist, HERE / "app-config.js", tmp_path / "made")
    names = {path.relative_to(tmp_path / "made").as_posix() for path in (tmp_path / "made").rglob("*")}
    assert names == {
        "app-config.js", "app.bundle.1.js", "app.bundle.1.js.gz", "app.css", "index.html", "manifest.json", "start.js",
    }  # fmt: skip
    packed = (tmp_path / "made" / "app.bundle.1.js.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "made" / "app.bundle.1.js").read_bytes()


@pytest.mark.parametrize(
    ("name", "text"), [("index.html", "<html></html>"), ("app.bundle.1.js", "// another bundler's")]
)
def test_another_build_is_not_guessed_at(dist: Path, tmp_path: Path, name: str, text: str) -> None:
    (dist / name).write_text(text)
    with pytest.raises(UnknownBuild):
        prepare(dist, HERE / "app-config.js", tmp_path / "made")


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(command.NotInstalled, match="something else"):
        command.install(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_npm_it_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(command.NotInstalled, match="npm is not installed"):
        command.install(tmp_path / "viewer")
    assert list(tmp_path.iterdir()) == []


def test_the_lock_pins_one_package_with_its_digest_and_names_no_address() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {name.removeprefix("node_modules/"): entry["version"] for name, entry in packages.items()} == wanted
    for entry in packages.values():
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry
