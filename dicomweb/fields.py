"""Header fields of a request that is asked for many of them: looked up in a dictionary, not one after the other."""

from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send


class Fields(Headers):
    """The same as Starlette's headers: of several fields with one name the first is found by it."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first: dict[str, str] = {}
        for name, value in self._list:
            self._first.setdefault(name.decode("latin-1"), value.decode("latin-1"))

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower()]

    def __contains__(self, key: Any) -> bool:
        return key.lower() in self._first

    def get(self, key: str, default: Any = None) -> Any:
        """The first field of this name."""
        return self._first.get(key.lower(), default)

    def getlist(self, key: str) -> list[str]:
        """Every field of this name, in order."""
        return super().getlist(key) if key.lower() in self._first else []


class FieldedRequest(Request):
    """A request with such headers."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self._headers = Fields(scope)
