"""How a resource's endpoints become a route."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]

MADE: Final = "dicomweb.made"
"""Where a request's scope holds what its endpoint made of it already: a response, or what it raised."""


def route(path: str, **endpoints: Endpoint) -> Route:
    """The one route of a resource, by upper-case method: one, so that 405 names all methods; HEAD goes with GET."""
    if "GET" in endpoints:
        endpoints["HEAD"] = endpoints["GET"]

    async def by_method(request: Request) -> Response:
        made = request.scope.get(MADE)
        if made is None:
            return await endpoints[request.method](request)
        if isinstance(made, Exception):
            raise made
        assert isinstance(made, Response)
        return made

    return Route(path, by_method, methods=list(endpoints))
