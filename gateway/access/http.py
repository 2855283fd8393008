"""Who is calling over HTTP."""

from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header
from starlette.requests import HTTPConnection, Request

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller
from gateway.access.keys import InvalidKey, any_key_exists, caller_of
from gateway.database import Database
from gateway.problems import Problem
from gateway.reading import Reader

# A proxy on this machine speaks for callers that are elsewhere.
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
# Fetch Metadata: what a page of ours asks for, and what the person typed. Images ask without an Origin.
_OWN_PAGES = ("same-origin", "none")

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dermgate"'}


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    name = host.strip("[]")
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class Authenticator:
    """Tells who a request comes from.

    `trust_local` says that the gateway is bound to loopback only and may take a caller without a credential for
    its local administrator, as long as no key exists. The `Host` must then be loopback (else a page elsewhere could
    rebind its name to this machine), an `Origin`, where one is sent, the same as the host, and no header may say that
    the request was forwarded or that another site's page makes it.
    """

    def __init__(self, database: Database, *, trust_local: bool) -> None:
        self._database = database
        self._trust_local = trust_local

    def caller(self, connection: HTTPConnection) -> Caller:
        """The caller; raises a 401 Problem for a bad credential, and for none where one is needed."""
        credential = connection.headers.get("authorization")
        with self._database.reader() as reader:
            if credential is not None:
                scheme, _, secret = credential.partition(" ")
                if scheme.lower() != "bearer":
                    raise Problem(401, "only the Bearer scheme is understood", headers=_CHALLENGE)
                try:
                    return caller_of(reader, secret.strip())
                except InvalidKey as error:
                    raise Problem(401, "the key is not valid", headers=_CHALLENGE) from error
            if _is_local(connection) and self._trusts(reader):
                return LOCAL_ADMINISTRATOR
        raise Problem(401, "a key is needed: Authorization: Bearer …", headers=_CHALLENGE)

    def trusts_local(self) -> bool:
        """Whether callers at this machine need no credential, as things stand."""
        with self._database.reader() as reader:
            return self._trusts(reader)

    def _trusts(self, reader: Reader) -> bool:
        return self._trust_local and not any_key_exists(reader)


def _is_local(connection: HTTPConnection) -> bool:
    """Whether somebody at this machine asks, by a name that only it has, and no page from elsewhere makes them."""
    headers = connection.headers
    host = headers.get("host", "")
    if connection.client is None or not is_loopback(connection.client.host) or not is_loopback(_name_of(host)):
        return False
    if not _FORWARDED.isdisjoint(name for name, _value in headers.raw):
        return False
    if headers.get("sec-fetch-site", "none") not in _OWN_PAGES:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"{connection.url.scheme}://{host}"


@lru_cache(maxsize=256)
def _name_of(host: str) -> str:
    """The host of a `Host` header without its port; "" where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def current_caller(request: Request) -> Caller:
    """FastAPI dependency: the caller of this request."""
    authenticator: Authenticator = request.app.state.authenticator
    return authenticator.caller(request)


def database_of(request: Request) -> Database:
    """FastAPI dependency: the database of the running gateway."""
    database: Database = request.app.state.database
    return database


CallerDependency = Annotated[Caller, Depends(current_caller)]
DatabaseDependency = Annotated[Database, Depends(database_of)]

LONGEST_KEY = 255
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=LONGEST_KEY, pattern=r"^[\x21-\x7e]+$")
]
"""What a caller calls a request, so that it is known again."""
