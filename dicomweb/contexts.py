"""What every endpoint needs to know of its request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus

from starlette.datastructures import URL
from starlette.requests import Request

from dicomweb.archive import Archive
from dicomweb.at_once import Turn
from dicomweb.frame_decoding import FrameDecoder
from dicomweb.making import MakingRoom
from dicomweb.media_types import Preference
from dicomweb.negotiation import JSON, Offer, preferences
from dicomweb.problems import ProblemError
from dicomweb.query import accept_parameter
from dicomweb.settings import DicomWebSettings
from dicomweb.uids import is_uid
from dicomweb.xml.names import MEDIA_TYPE as XML

JSON_OFFERS: Sequence[Offer] = (Offer(JSON), Offer("application/json"))
METADATA_OFFERS: Sequence[Offer] = (*JSON_OFFERS, Offer(XML, multipart=True))
"""Of results that may be several: XML has one part for each (PS3.18 8.7.3.3)."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Context:
    """The archive handed in, the settings, what decodes frames and the room for it; shared by all requests.

    `archive_for` is called in a worker thread, may block, and may raise Starlette's `HTTPException`. It is called in
    a `turn` as well, where there is one.
    """

    archive_for: Callable[[Request], Archive]
    settings: DicomWebSettings
    decoder: FrameDecoder
    making: MakingRoom
    turn: Turn | None = None

    def base_url(self, request: Request) -> str:
        """The URL under which the resources lie, without trailing slash."""
        if self.settings.public_url is not None:
            return self.settings.public_url.rstrip("/")
        scope = request.scope
        server: tuple[str, int | None] = scope.get("server") or ("", None)
        host = request.headers.get("host")
        return _base_url(scope["scheme"], host, server, scope.get("root_path", ""))

    def accepted(self, request: Request) -> Sequence[Preference]:
        """What the client accepts, best first."""
        parameter = accept_parameter(query_string(request))
        # Several Accept fields are one list (RFC 9110 5.3).
        header = ", ".join(request.headers.getlist("accept")) or None
        return preferences(header, parameter, strict=self.settings.strict_accept)


@lru_cache(maxsize=256)
def _base_url(scheme: str, host: str | None, server: tuple[str, int | None], root_path: str) -> str:
    return f"{scheme}://{_authority(scheme, host, server)}{root_path}".rstrip("/")


def _authority(scheme: str, host_header: str | None, server: tuple[str, int | None]) -> str:
    """Host and port of the request.

    dicomweb-client leaves the port out of its Host field. Where the host is the very address that was connected
    to, the port is known; elsewhere a proxy may stand between, and only `public_url` can say.
    """
    headers = [] if host_header is None else [(b"host", host_header.encode("latin-1"))]
    url = URL(scope={"type": "http", "scheme": scheme, "server": server, "path": "/", "headers": headers})
    host = url.hostname or ""
    is_own = host == server[0] or (host in _LOOPBACK and server[0] in _LOOPBACK)
    if url.port is None and is_own and server[1] is not None:
        return f"[{host}]:{server[1]}" if ":" in host else f"{host}:{server[1]}"
    return url.netloc


def query_string(request: Request) -> str:
    """The query as it stands in the URL."""
    raw: bytes = request.scope.get("query_string", b"")
    return raw.decode("latin-1")


def path_uid(request: Request, name: str) -> str | None:
    """A UID of the resource path, None where the path has none.

    Raises:
        ProblemError: 400, it is no UID.
    """
    uid: str | None = request.path_params.get(name)
    if uid is not None and not is_uid(uid):
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"the {name} in the path is no UID")
    return uid
