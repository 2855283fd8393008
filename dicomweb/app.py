"""The DICOMweb resources (PS3.18 section 10) as an ASGI application that can be mounted."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dicomweb.archive import Archive, Level
from dicomweb.contexts import Context
from dicomweb.problems import HANDLERS
from dicomweb.rendering.endpoints import RenderedResources
from dicomweb.rendering.service import PictureService
from dicomweb.retrieve_endpoints import Retrieval
from dicomweb.search_endpoint import Endpoint, search_endpoint
from dicomweb.settings import DicomWebSettings
from dicomweb.store_endpoint import store_endpoint

_STUDY = "/studies/{study}"
_SERIES = _STUDY + "/series/{series}"
_INSTANCE = _SERIES + "/instances/{instance}"


def create_app(archive_for: Callable[[Request], Archive], settings: DicomWebSettings) -> Starlette:
    """The application.

    Args:
        archive_for: gives the archive bound to a request's caller. It is called in a worker thread, may block, and
            may raise Starlette's HTTPException (401, 403), which travels to the client as a problem document.
        settings: see `DicomWebSettings`.
    """
    context = Context(archive_for, settings)
    app = Starlette(
        routes=[*_search_routes(context), *_retrieve_routes(context), *_rendered_routes(context)],
        exception_handlers=dict(HANDLERS),  # a copy: Starlette keeps what it is given
    )
    app.router.redirect_slashes = False
    return app


def _search_routes(context: Context) -> list[Route]:
    studies, series, instances = (search_endpoint(context, level) for level in Level)
    return [
        _route("/studies", studies, store_endpoint(context)),
        _route("/series", series),
        _route("/instances", instances),
        _route(_STUDY + "/series", series),
        _route(_STUDY + "/instances", instances),
        _route(_SERIES + "/instances", instances),
    ]


def _retrieve_routes(context: Context) -> list[Route]:
    retrieval = Retrieval(context)
    return [
        _route(_STUDY, retrieval.instances, store_endpoint(context)),
        _route(_SERIES, retrieval.instances),
        _route(_INSTANCE, retrieval.instances),
        _route(_STUDY + "/metadata", retrieval.metadata),
        _route(_SERIES + "/metadata", retrieval.metadata),
        _route(_INSTANCE + "/metadata", retrieval.metadata),
        _route(_INSTANCE + "/frames/{frames}", retrieval.frames),
        _route(_INSTANCE + "/bulkdata/{path:path}", retrieval.bulk_data),
    ]


def _rendered_routes(context: Context) -> list[Route]:
    rendered = RenderedResources(context, PictureService(context.settings))
    return [
        route
        for path in (_STUDY, _SERIES, _INSTANCE, _INSTANCE + "/frames/{frames}")
        for route in (
            _route(path + "/rendered", rendered.rendered),
            _route(path + "/thumbnail", rendered.thumbnail),
        )
    ]


def _route(path: str, get: Endpoint, post: Endpoint | None = None) -> Route:
    """A route for GET (and HEAD), and for POST where that is served; one route, so that 405 names all methods."""
    if post is None:
        return Route(path, get, methods=["GET"])

    async def by_method(request: Request) -> Response:
        return await (post if request.method == "POST" else get)(request)

    return Route(path, by_method, methods=["GET", "POST"])
