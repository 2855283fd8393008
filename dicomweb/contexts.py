"""What every endpoint needs to know of its request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request

from dicomweb.archive import Archive
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
    """The archive handed in and the settings; shared by all requests.

    `archive_for` is called in a worker thread, may block, and may raise Starlette's `HTTPException`.
    """

    archive_for: Callable[[Request], Archive]
    settings: DicomWebSettings

    def base_url(self, request: Request) -> str:
        """The URL under which the resources lie, without trailing slash."""
        if self.settings.public_url is not None:
            return self.settings.public_url.rstrip("/")
        return f"{request.url.scheme}://{_authority(request)}{request.scope.get('root_path', '')}".rstrip("/")

    def accepted(self, request: Request) -> list[Preference]:
        """What the client accepts, best first."""
        parameter = accept_parameter(query_string(request))
        # Several Accept fields are one list (RFC 9110 5.3).
        header = ", ".join(request.headers.getlist("accept")) or None
        return preferences(header, parameter, strict=self.settings.strict_accept)


def _authority(request: Request) -> str:
    """Host and port of the request.

    dicomweb-client leaves the port out of its Host field. Where the host is the very address that was connected
    to, the port is known; elsewhere a proxy may stand between, and only `public_url` can say.
    """
    server: tuple[str, int | None] = request.scope.get("server") or ("", None)
    host = request.url.hostname or ""
    is_own = host == server[0] or (host in _LOOPBACK and server[0] in _LOOPBACK)
    if request.url.port is None and is_own and server[1] is not None:
        return f"[{host}]:{server[1]}" if ":" in host else f"{host}:{server[1]}"
    return request.url.netloc


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
