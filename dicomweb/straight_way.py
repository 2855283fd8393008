"""The straight way of what is asked for most: from the resource's path to its endpoint and to the answer.

Starlette's routes, middleware and wrapped sends cost as much as a search. A GET or POST below `/studies`, `/series` or
`/instances` is therefore matched by one look into a table, answered by the same endpoint as ever, finished by the same
function, and sent in two messages. Whatever that does not cover goes the general way: another method, a path of no such
shape, all where pages of other sites are let in. What the endpoint raised, or an answer that is not whole, goes there
too, with what was made of the request: nothing is done twice.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dicomweb.fields import FieldedRequest
from dicomweb.finishing import Finishing, finished_whole
from dicomweb.routing import MADE

_RESOURCES = ("studies", "series", "instances")
_METHODS = frozenset({"GET", "POST"})


@dataclass(frozen=True, slots=True)
class _Shape:
    """A route whose path is fixed names and parameters in turn."""

    route: Route
    methods: Set[str]
    parameters: Sequence[str]


class StraightWay:
    """ASGI application in front of the one that `dicomweb.app.create_app` makes."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        # Where other sites' pages may ask, every answer says by what it differs: that is the general way's to say.
        middleware: set[object] = {one.cls for one in app.user_middleware}
        self._shapes = (
            _shapes(route for route in app.routes if isinstance(route, Route)) if middleware == {Finishing} else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by whichever way."""
        shape = self._shape(scope)
        if shape is None:
            await self._app(scope, receive, send)
            return
        request = FieldedRequest(scope, receive, send)
        scope["route"] = shape.route
        made: Response | Exception
        try:
            made = await shape.route.endpoint(request)
        except Exception as error:  # noqa: BLE001 - the general way tells it, as it tells all
            made = error
        if type(made) is not Response or made.background is not None:
            scope[MADE] = made
            await self._app(scope, receive, send)
            return
        headers, body = await finished_whole(request.headers, made)
        await send({"type": "http.response.start", "status": made.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _shape(self, scope: Scope) -> _Shape | None:
        """The route of a request that goes straight; its parameters stand in the scope then."""
        if scope["type"] != "http" or scope["method"] not in _METHODS:
            return None
        root, path = scope.get("root_path", ""), scope["path"]
        if not path.startswith(f"{root}/"):
            return None
        names = path[len(root) + 1 :].split("/")
        shape = self._shapes.get((len(names), *names[::2]))
        values = names[1::2]
        if shape is None or scope["method"] not in shape.methods or not all(values):
            return None
        scope["path_params"] = {**scope.get("path_params", {}), **dict(zip(shape.parameters, values, strict=True))}
        return shape


def _shapes(routes: Iterable[Route]) -> Mapping[tuple[int | str, ...], _Shape]:
    """By number of segments and fixed names; of several such routes the first, as in general."""
    shapes: dict[tuple[int | str, ...], _Shape] = {}
    for route in routes:
        names = route.path[1:].split("/")
        fixed, parameters = names[::2], names[1::2]
        if fixed[0] in _RESOURCES and _are_fixed(fixed) and _are_plain(parameters):
            shapes.setdefault(
                (len(names), *fixed), _Shape(route, route.methods or set(), [name[1:-1] for name in parameters])
            )
    return shapes


def _are_fixed(names: Sequence[str]) -> bool:
    return not any("{" in name for name in names)


def _are_plain(names: Sequence[str]) -> bool:
    return all(name.startswith("{") and name.endswith("}") and ":" not in name for name in names)
