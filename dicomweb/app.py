"""The DICOMweb resources (PS3.18 section 10) as an ASGI application that can be mounted."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from dicomweb.archive import Archive, Level
from dicomweb.changes_endpoint import changes_endpoint
from dicomweb.contexts import Context
from dicomweb.delete_endpoint import delete_endpoint
from dicomweb.problems import HANDLERS
from dicomweb.rendering.endpoints import RenderedResources
from dicomweb.rendering.service import PictureService
from dicomweb.retrieve_endpoints import Retrieval
from dicomweb.routing import route
from dicomweb.search_endpoint import search_endpoint
from dicomweb.services.routes import Services, service_routes
from dicomweb.settings import DicomWebSettings
from dicomweb.store_endpoint import store_endpoint
from dicomweb.uri.endpoint import UriResource

_STUDY = "/studies/{study}"
_SERIES = _STUDY + "/series/{series}"
_INSTANCE = _SERIES + "/instances/{instance}"
_STUDIES_ALONE = Services()


def create_app(
    archive_for: Callable[[Request], Archive], settings: DicomWebSettings, services: Services = _STUDIES_ALONE
) -> Starlette:
    """The application.

    Args:
        archive_for: gives the archive bound to a request's caller. It is called in a worker thread, may block, and
            may raise Starlette's HTTPException (401, 403), which travels to the client as a problem document.
        settings: see `DicomWebSettings`.
        services: what is served beside the studies.
    """
    context = Context(archive_for, settings)
    app = Starlette(
        routes=[
            *_search_routes(context),
            *_retrieve_routes(context),
            *_rendered_routes(context),
            route("/changes", GET=changes_endpoint(context)),
            *service_routes(context, services),
        ],
        exception_handlers=dict(HANDLERS),  # a copy: Starlette keeps what it is given
    )
    app.router.redirect_slashes = False
    return app


def _search_routes(context: Context) -> list[Route]:
    studies, series, instances = (search_endpoint(context, level) for level in Level)
    return [
        route("/studies", GET=studies, POST=store_endpoint(context)),
        route("/series", GET=series),
        route("/instances", GET=instances),
        route(_STUDY + "/series", GET=series),
        route(_STUDY + "/instances", GET=instances),
        route(_SERIES + "/instances", GET=instances),
    ]


def _retrieve_routes(context: Context) -> list[Route]:
    retrieval = Retrieval(context)
    delete = delete_endpoint(context)
    return [
        route(_STUDY, GET=retrieval.instances, POST=store_endpoint(context), DELETE=delete),
        route(_SERIES, GET=retrieval.instances, DELETE=delete),
        route(_INSTANCE, GET=retrieval.instances, DELETE=delete),
        route(_STUDY + "/metadata", GET=retrieval.metadata),
        route(_SERIES + "/metadata", GET=retrieval.metadata),
        route(_INSTANCE + "/metadata", GET=retrieval.metadata),
        route(_INSTANCE + "/frames/{frames}", GET=retrieval.frames),
        route(_INSTANCE + "/bulkdata/{path:path}", GET=retrieval.bulk_data),
    ]


def _rendered_routes(context: Context) -> list[Route]:
    service = PictureService(context.settings)
    rendered, by_uri = RenderedResources(context, service), UriResource(context, service)
    return [
        *(
            one
            for path in (_STUDY, _SERIES, _INSTANCE, _INSTANCE + "/frames/{frames}")
            for one in (
                route(path + "/rendered", GET=rendered.rendered),
                route(path + "/thumbnail", GET=rendered.thumbnail),
            )
        ),
        route("/", GET=by_uri.get),
        route("/wado", GET=by_uri.get),
    ]
