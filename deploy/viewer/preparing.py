"""OHIF's files as a folder that can be served at /viewer: what it needs of them, with their addresses put right."""

import gzip
import re
import shutil
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

ROOT = "/viewer/"
"""Where the gateway serves it; OHIF is built for the root of a site."""

_LEFT_OUT = re.compile(
    r"ort/.*"  # a runtime for models that segment, 136 MB
    r"|dicom-microscopy-viewer/.*"  # whole slides, 20 MB
    r"|customizations/.*|.*\.map"
    r"|sw\.js|init-service-worker\.js|google\.js|silent-refresh\.html|app-config\.js|_headers|_redirects|serve\.json"
)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_SERVICE_WORKER = re.compile(r"<script[^>]*init-service-worker\.js[^>]*></script>")
_BUNDLE_ROOT = '__webpack_require__.p = "/";'
_PAGE_ROOT = 'window.PUBLIC_URL="/"'
_START = "start.js"
_TEXTS = frozenset({".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm"})
_WORTH_PACKING_BYTES = 4096


class UnknownBuild(Exception):
    """The files are not those of the OHIF that this was written for."""


def prepare(dist: Path, settings: Path, target: Path) -> None:
    """Make the folder `target`, which must not exist, of OHIF's `dist` and the settings (app-config.js).

    Each text stands there a second time, packed (`.gz`), for browsers that take it so.

    Raises:
        UnknownBuild: the pages or scripts hold other words than expected where their addresses stand.
    """
    for name in _wanted(dist):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dist / name, target / name)
    shutil.copyfile(settings, target / "app-config.js")
    _put_page_right(target)
    _put_bundles_right(target)
    for path in sorted(target.rglob("*")):
        if path.suffix in _TEXTS and path.stat().st_size >= _WORTH_PACKING_BYTES:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def _wanted(dist: Path) -> Iterator[str]:
    for path in sorted(dist.rglob("*")):
        name = path.relative_to(dist).as_posix()
        if path.is_file() and not _LEFT_OUT.fullmatch(name):
            yield name


def _put_page_right(target: Path) -> None:
    """The page under its new address, with its inline scripts in a file: the gateway lets none run inline."""
    page = target / "index.html"
    text = page.read_text("utf-8")
    scripts = ";\n".join(_INLINE_SCRIPT.findall(text))
    if _PAGE_ROOT not in scripts or not _SERVICE_WORKER.search(text):
        raise UnknownBuild("the page is not the one that is known")
    (target / _START).write_text(scripts.replace(_PAGE_ROOT, f'window.PUBLIC_URL="{ROOT}"') + ";\n", "utf-8")
    text = _SERVICE_WORKER.sub("", text)
    in_their_place = chain([f'<script src="/{_START}"></script>'], repeat(""))
    text = _INLINE_SCRIPT.sub(lambda _found: next(in_their_place), text)
    page.write_text(_rooted(text), "utf-8")
    manifest = target / "manifest.json"
    manifest.write_text(_rooted(manifest.read_text("utf-8")), "utf-8")
    for sheet in target.glob("*.css"):
        sheet.write_text(sheet.read_text("utf-8").replace("url(/", f"url({ROOT}"), "utf-8")


def _rooted(text: str) -> str:
    return re.sub(r'"/(?=[\w.])', f'"{ROOT}', text)


def _put_bundles_right(target: Path) -> None:
    changed = 0
    for script in target.glob("*.js"):
        text = script.read_text("utf-8")
        if _BUNDLE_ROOT in text:
            script.write_text(text.replace(_BUNDLE_ROOT, f'__webpack_require__.p = "{ROOT}";'), "utf-8")
            changed += 1
    if not changed:
        raise UnknownBuild("no script says where the others are")
