"""The pages: plain HTML, CSS and JavaScript from this package, with the headers that keep them to themselves."""

import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from fastapi import APIRouter, HTTPException, Request, Response

from gateway.web.composing import FRAME, PAGES, Page, composed

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

# Nothing from elsewhere, nothing inline, in nobody's frame; blob: for pictures and videos that were fetched with a key.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src blob:",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    # Asked for anew each time, and answered 304 where nothing changed: a new version shows at once.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the pages as it is sent; `etag` is strong and quoted (RFC 9110 8.8.3)."""

    content: bytes
    media_type: str
    etag: str


@functools.cache
def page_files() -> Mapping[str, PageFile]:
    """Every file of the pages by its name, the pages put together."""
    folder = resources.files(__package__).joinpath("pages")
    contents = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    frame = contents.pop(FRAME).decode()
    contents |= {page.file: composed(page, frame, contents[page.file].decode()).encode() for page in PAGES}
    return MappingProxyType({name: _page_file(name, content) for name, content in contents.items()})


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
async def get_asset(request: Request, name: str) -> Response:
    """Give a style sheet, a script or an image of the pages."""
    file = page_files().get(name)
    if file is None:
        raise HTTPException(404, "there is no such file")
    return _answer(request, file)


def _page_route(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def get_page(request: Request) -> Response:
        return _answer(request, page_files()[page.file])

    return get_page


for _page in PAGES:
    router.add_api_route(_page.path, _page_route(_page), methods=["GET", "HEAD"], name=_page.name)


def _page_file(name: str, content: bytes) -> PageFile:
    digest = hashlib.sha256(content).hexdigest()[:32]
    return PageFile(content, MEDIA_TYPES[name.rpartition(".")[2]], f'"{digest}"')


def _answer(request: Request, file: PageFile) -> Response:
    headers = _HEADERS | {"ETag": file.etag}
    if _matches(request.headers.get("if-none-match", ""), file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _matches(if_none_match: str, etag: str) -> bool:
    """Whether the client's copy is still good, by weak comparison (RFC 9110 13.1.2)."""
    candidates = (candidate.strip().removeprefix("W/") for candidate in if_none_match.split(","))
    return any(candidate in {etag, "*"} for candidate in candidates)
