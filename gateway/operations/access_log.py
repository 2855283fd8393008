"""What every request leaves behind: one log line and two figures, without query string or identity."""

import logging
import os
import re
import time
from functools import lru_cache

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.operations.logs import log_often
from gateway.operations.metrics import Metrics

logger = logging.getLogger("gateway.http")

_MOST_KNOWN = 1000
"""Figures held at hand; the method of a request may be any word."""
_UNROUTED = "unrouted"
_PARAMETER = re.compile(r"\{([^:}]*)(?::[^}]*)?\}")


class AccessLog:
    """ASGI middleware; gives each request an id, which the answer carries as `X-Request-Id`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = os.urandom(16).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._note(scope, status, time.perf_counter() - started, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = _route(scope)
        method = scope["method"]
        count, duration = self._figures(method, route, status)
        count.inc()
        duration.observe(seconds)
        told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log_often(logger, "request", {**told, "request": request_id})

    def _figures(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        known = self._known.get((method, route, status))
        if known is None:
            known = self._metrics.requests.labels(method, route, str(status)), self._metrics.seconds.labels(route)
            if len(self._known) < _MOST_KNOWN:
                self._known[method, route, status] = known
        return known


class _Parameters(dict[str, object]):
    """Of a path; what is not there fills nothing."""

    def __missing__(self, _name: str) -> str:
        return ""


@lru_cache(maxsize=_MOST_KNOWN)
def _fillable(template: str) -> str:
    """The template without the kinds of its parameters; it is one of ours, so there are few."""
    return _PARAMETER.sub(r"{\1}", template)


def _route(scope: Scope) -> str:
    """The template of the route that answered, with whatever it is mounted or included under.

    The route itself knows only the part behind that: what stands before it is found by filling its template in.
    """
    template = getattr(scope.get("route"), "path", None)
    if template is None:
        return _UNROUTED
    filled = _fillable(template).format_map(_Parameters(scope["path_params"]))
    path = scope["path"]
    return f"{path.removesuffix(filled)}{template}" if filled and path.endswith(filled) else str(template)
