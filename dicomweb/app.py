"""The DICOMweb resources (PS3.18 section 10) as an ASGI application that can be mounted."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import Route

from dicomweb.archive import Archive, Level
from dicomweb.at_once import Turn
from dicomweb.capabilities.endpoint import capabilities_endpoint
from dicomweb.changes_endpoint import changes_endpoint
from dicomweb.contexts import Context
from dicomweb.delete_endpoint import delete_endpoint
from dicomweb.finishing import Finishing
from dicomweb.frame_decoding import FrameDecoder
from dicomweb.making import MakingRoom
from dicomweb.problems import HANDLERS
from dicomweb.rendering.decoding.pool import DecoderPool
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
_CORS_REQUEST_HEADERS = ("Accept", "Authorization", "Content-Type", "If-None-Match", "If-Range", "Prefer", "Range")
_CORS_ANSWER_HEADERS = (
    *("Accept-Ranges", "Content-Encoding", "Content-Length", "Content-Location", "Content-Range", "ETag"),
    *("Location", "Retry-After", "Warning", "X-Request-Id"),
)
_CORS_SECONDS = 600


def create_app(
    archive_for: Callable[[Request], Archive],
    settings: DicomWebSettings,
    services: Services = _STUDIES_ALONE,
    turn: Turn | None = None,
) -> Starlette:
    """The application.

    Args:
        archive_for: gives the archive bound to a request's caller. It is called in a worker thread, may block, and
            may raise Starlette's HTTPException (401, 403), which travels to the client as a problem document.
        settings: see `DicomWebSettings`.
        services: what is served beside the studies.
        turn: lets the archive be asked for what is short on the thread of the event loop, see `dicomweb.at_once`.
    """
    pool = DecoderPool(settings.max_decoded_bytes, most=settings.concurrent_renderings)
    making = MakingRoom(settings.concurrent_renderings)
    context = Context(archive_for, settings, FrameDecoder(pool, settings.max_decoded_bytes), making, turn)
    pictures = PictureService(settings, pool, making)
    by_uri = UriResource(context, pictures)
    listing, *other_searches = _search_routes(context)
    routes = [
        listing,  # what is asked for most comes first: routes are tried one after the other
        *_retrieve_routes(context),
        *other_searches,
        *_rendered_routes(RenderedResources(context, pictures)),
        route("/wado", GET=by_uri.get),
        route("/changes", GET=changes_endpoint(context)),
        *service_routes(context, services),
    ]
    routes.append(route("/", GET=by_uri.get, OPTIONS=capabilities_endpoint(context, routes)))
    app = Starlette(
        routes=routes,
        middleware=_middleware(settings),
        exception_handlers=dict(HANDLERS),  # a copy: Starlette keeps what it is given
    )
    app.router.redirect_slashes = False
    return app


def _middleware(settings: DicomWebSettings) -> list[Middleware]:
    """Other sites' pages are let in as far as they are listed; credentials are never sent along by themselves."""
    finishing = Middleware(Finishing)
    if not settings.cors_origins:
        return [finishing]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"),
        allow_headers=_CORS_REQUEST_HEADERS,
        expose_headers=_CORS_ANSWER_HEADERS,
        allow_credentials=False,
        max_age=_CORS_SECONDS,
    )
    return [cors, finishing]


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
        route(_INSTANCE + "/frames/{frames}", GET=retrieval.frames),
        route(_INSTANCE, GET=retrieval.instances, DELETE=delete),
        route(_INSTANCE + "/metadata", GET=retrieval.metadata),
        route(_SERIES + "/metadata", GET=retrieval.metadata),
        route(_SERIES, GET=retrieval.instances, DELETE=delete),
        route(_STUDY + "/metadata", GET=retrieval.metadata),
        route(_STUDY, GET=retrieval.instances, POST=store_endpoint(context), DELETE=delete),
        route(_INSTANCE + "/bulkdata/{path:path}", GET=retrieval.bulk_data),
    ]


def _rendered_routes(rendered: RenderedResources) -> list[Route]:
    return [
        one
        for path in (_STUDY, _SERIES, _INSTANCE, _INSTANCE + "/frames/{frames}")
        for one in (
            route(path + "/rendered", GET=rendered.rendered),
            route(path + "/thumbnail", GET=rendered.thumbnail),
        )
    ]
