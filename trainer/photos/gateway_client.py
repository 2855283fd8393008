"""Asking a running gateway over HTTP: patient, bounded in what is read, the key shown to nobody else."""

import ipaddress
import json
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from trainer.photos.errors import LabelsUnreachable, NotAllowed
from trainer.photos.gateway_labels import KINDS, LabelPage, parse_page

MAX_JSON_BYTES = 8 * 2**20
MAX_PICTURE_BYTES = 64 * 2**20
PAGE_SIZE = 500
_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 20.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
_NO_RIGHTS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the body where the request was met (empty otherwise)."""

    status: int
    body: bytes


class _NoRedirects(HTTPRedirectHandler):
    """A redirect could carry the key to somebody else; the gateway sends none."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


@dataclass(slots=True)
class GatewayClient:
    """A gateway at `url` (`http://host:port`), asked with a bearer `key` where there is one.

    An answer that asks for patience (429, 500, 502-504), a broken connection and a time-out are tried five times, with
    growing, jittered pauses taken by `pause` (seconds). Everything else that is no answer raises LabelsUnreachable
    (NotAllowed for 401 and 403), which never holds the key.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    pause: Callable[[float], None] = time.sleep
    _opener: OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        host = _host(self.url)
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise LabelsUnreachable("the key holds characters that no key has")
        self.url = self.url.rstrip("/")
        direct = [ProxyHandler({})] if _is_loopback(host) else []
        self._opener = build_opener(_NoRedirects, *direct)

    def labels(self, after: int) -> LabelPage:
        """The labels numbered above `after`, at most PAGE_SIZE of them."""
        query = urlencode([("after", after), ("limit", PAGE_SIZE), *(("kind", kind) for kind in KINDS)])
        return parse_page(self.document(f"/api/v1/labels?{query}"), after)

    def case_of(self, photo_id: str) -> str | None:
        """The case that a photo belongs to; None where the gateway no longer has the photo.

        Empty for a photo of no case: one that the gateway's models refused, or that is still being processed.
        """
        document = self.document(f"/api/v1/photos/{photo_id}", gone=HTTPStatus.NOT_FOUND)
        if document is None:
            return None
        if not isinstance(document, dict) or "case_id" not in document:
            raise LabelsUnreachable("the gateway's answer about a photo names no case")
        case_id = document["case_id"] or ""
        if not isinstance(case_id, str) or len(case_id) > 128:
            raise LabelsUnreachable("the gateway's answer about a photo names a case that is none")
        return case_id

    def picture(self, photo_id: str) -> bytes | None:
        """A photo's picture; None where the gateway has none, or no longer."""
        answer = self._ask(f"/api/v1/photos/{photo_id}/picture", MAX_PICTURE_BYTES, {HTTPStatus.NOT_FOUND})
        return answer.body if answer.status == HTTPStatus.OK else None

    def has_picture(self, photo_id: str) -> bool:
        """Whether the gateway still has the picture, which is not sent again."""
        tag = {"If-None-Match": f'"{photo_id}"'}
        expected = {HTTPStatus.NOT_FOUND, HTTPStatus.NOT_MODIFIED}
        answer = self._ask(f"/api/v1/photos/{photo_id}/picture", MAX_PICTURE_BYTES, expected, tag)
        return answer.status != HTTPStatus.NOT_FOUND

    def say(self, photo_id: str, *, usable: bool, reason: str | None) -> None:
        """Post a rule's label; of a photo that was deleted meanwhile nothing is said."""
        self.post(
            f"/api/v1/photos/{photo_id}/label",
            {"usable": usable, "reason": reason, "source": "rule"},
            gone=HTTPStatus.NOT_FOUND,
        )

    def post(self, path: str, document: object, gone: int | None = None) -> None:
        """Post a document, the same again where no answer comes; the status `gone` is no fault."""
        headers = {"Content-Type": "application/json"}
        sent = json.dumps(document).encode()
        self._ask(path, MAX_JSON_BYTES, () if gone is None else {gone}, headers, sent)

    def document(self, path: str, gone: int | None = None) -> object:
        """What a path answers, as JSON; None where it answers with the status `gone`."""
        answer = self._ask(path, MAX_JSON_BYTES, () if gone is None else {gone})
        if answer.status == gone:
            return None
        try:
            document: object = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise LabelsUnreachable("the gateway's answer is no JSON") from error
        return document

    def _ask(
        self,
        path: str,
        most: int,
        expected: Collection[int],
        headers: Mapping[str, str] | None = None,
        sent: bytes | None = None,
    ) -> Answer:
        # The address is checked to be http(s).
        request = Request(f"{self.url}{path}", sent, dict(headers or {}))  # noqa: S310
        if self.key is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self.key}")
        longest = _FIRST_PAUSE_SECONDS
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                    return Answer(response.status, _read(response, most))
            except HTTPError as error:
                with error:
                    if error.code in expected:
                        return Answer(error.code, b"")
                    if error.code not in _AGAIN or attempt == _ATTEMPTS:
                        _refuse(error.code)
            except (URLError, HTTPException, OSError) as error:
                if attempt == _ATTEMPTS:
                    raise LabelsUnreachable(f"{self.url} cannot be reached: {_why(error)}") from error
            self.pause(longest * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret
            longest = min(2 * longest, _LONGEST_PAUSE_SECONDS)
        raise AssertionError("the last attempt returns or raises")


def _read(response: HTTPResponse, most: int) -> bytes:
    """The whole body; raises LabelsUnreachable beyond `most` bytes, IncompleteRead where it is cut short."""
    parts: list[bytes] = []
    size = 0
    while chunk := response.read(_CHUNK):
        size += len(chunk)
        if size > most:
            raise LabelsUnreachable(f"the gateway's answer has more than {most} bytes")
        parts.append(chunk)
    if response.length:  # of what Content-Length promised; a read in portions does not say so itself
        raise IncompleteRead(b"", response.length)
    return b"".join(parts)


def _refuse(status: int) -> NoReturn:
    hints: dict[int, str] = {
        HTTPStatus.UNAUTHORIZED: ": the key is not valid (environment variable DERMGATE_KEY)",
        HTTPStatus.FORBIDDEN: (
            ": the key may not read labels (labels.read) or photos, post labels or tell outcomes; "
            "it needs the role trainer"
        ),
        HTTPStatus.NOT_FOUND: ": there is no gateway at this address",
    }
    refusal = NotAllowed if status in _NO_RIGHTS else LabelsUnreachable
    raise refusal(f"the gateway answered {status}{hints.get(status, '')}")


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return str(getattr(reason, "strerror", None) or type(reason).__name__)


def _host(url: str) -> str:
    """The host of a gateway's address; raises LabelsUnreachable for what is none, or carries more than that."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not parts.hostname or parts.query or parts.username:
        raise LabelsUnreachable("a gateway's address reads http://host:port or https://host:port")
    return parts.hostname


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
