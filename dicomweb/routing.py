"""How a resource's endpoints become a route."""

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def route(path: str, **endpoints: Endpoint) -> Route:
    """The one route of a resource, by upper-case method: one, so that 405 names all methods; HEAD goes with GET."""
    if "GET" in endpoints:
        endpoints["HEAD"] = endpoints["GET"]

    async def by_method(request: Request) -> Response:
        return await endpoints[request.method](request)

    return Route(path, by_method, methods=list(endpoints))
