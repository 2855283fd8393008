"""What every request leaves behind: one log line and two figures, without query string or identity."""

import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.operations.metrics import Metrics

logger = logging.getLogger("gateway.http")

_UNROUTED = "unrouted"
_PARAMETER = re.compile(r"\{([^:}]*)(?::[^}]*)?\}")


class AccessLog:
    """ASGI middleware; gives each request an id, which the answer carries as `X-Request-Id`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = uuid.uuid4().hex
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
        self._metrics.requests.labels(scope["method"], route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        logger.info(
            "request",
            extra={
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "request": request_id,
            },
        )


def _route(scope: Scope) -> str:
    """The template of the route that answered, with whatever it is mounted or included under.

    The route itself knows only the part behind that: what stands before it is found by filling its template in.
    """
    template = getattr(scope.get("route"), "path", None)
    if template is None:
        return _UNROUTED
    filled = _PARAMETER.sub(lambda match: str(scope["path_params"].get(match[1], "")), template)
    path = scope["path"]
    return f"{path.removesuffix(filled)}{template}" if filled and path.endswith(filled) else str(template)
