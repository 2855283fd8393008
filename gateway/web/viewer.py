"""A viewer's pages at /viewer: the files of one folder, listed once at the start, so that no request names a path."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route

from gateway.config import ConfigurationError

ROOT = "/viewer"
_PAGE = "index.html"
_PACKED = ".gz"
_MOST_FILES = 5_000
_NAMED_BY_CONTENT = re.compile(r"(^|[./])[0-9a-f]{16,}\.\w+$")
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}

# Nothing from elsewhere and no inline script. Decoders compiled to WebAssembly make functions of text (unsafe-eval);
# React writes styles into elements; workers, pictures and videos are made in the page (blob:, data:).
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "manifest-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class ViewerFile:
    """One file as it is sent, and the same packed where it lies beside it; `etag` is strong and quoted."""

    path: Path
    packed: Path | None
    media_type: str
    cache_control: str
    etag: str


def viewer_mount(folder: Path) -> Mount:
    """What answers at /viewer and below: the folder's files, and its page for every address the page makes up.

    Raises:
        ConfigurationError: the folder holds no viewer.
    """
    files = viewer_files(folder)

    async def get(request: Request) -> Response:
        name = request.path_params["name"]
        file = files.get(name)
        if file is None:
            if "." in name.rpartition("/")[2]:
                raise HTTPException(HTTPStatus.NOT_FOUND, "there is no such file")
            file = files[_PAGE]
        return _answer(request, file)

    return Mount(ROOT, routes=[Route("/{name:path}", get)])


def viewer_files(folder: Path) -> Mapping[str, ViewerFile]:
    """Every file of the folder by its name below it; links are left out.

    Raises:
        ConfigurationError: there is no page, or there are too many files for a viewer.
    """
    found: dict[str, Path] = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found[path.relative_to(folder).as_posix()] = path
        if len(found) > _MOST_FILES:
            raise ConfigurationError([f"http.viewer: {folder} holds more than {_MOST_FILES} files"])
    if _PAGE not in found:
        raise ConfigurationError([f"http.viewer: {folder} holds no {_PAGE}; `make viewer` puts OHIF into a folder"])
    return {
        name: _file(name, path, found.get(name + _PACKED))
        for name, path in found.items()
        if name.removesuffix(_PACKED) not in found or not name.endswith(_PACKED)
    }


def _file(name: str, path: Path, packed: Path | None) -> ViewerFile:
    status = path.stat()
    media_type = _MEDIA_TYPES.get(path.suffix) or guess_type(name)[0] or "application/octet-stream"
    cache_control = _FOR_EVER if _NAMED_BY_CONTENT.search(name) else "no-cache"
    return ViewerFile(path, packed, media_type, cache_control, f'"{status.st_mtime_ns:x}-{status.st_size:x}"')


def _answer(request: Request, file: ViewerFile) -> Response:
    path, headers = file.path, _HEADERS | {"Cache-Control": file.cache_control, "Vary": "Accept-Encoding"}
    headers["ETag"] = file.etag
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        path = file.packed
        headers |= {"ETag": f'{file.etag[:-1]}-gzip"', "Content-Encoding": "gzip"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return FileResponse(path, headers=headers, media_type=file.media_type)
