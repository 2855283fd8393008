"""The HTTP side of the gateway: one function that builds the application."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dicomweb.app import create_app as create_dicomweb
from dicomweb.archive import Archive
from dicomweb.capabilities.describing import resources_of
from dicomweb.capabilities.openapi import as_openapi
from dicomweb.services.routes import Services
from dicomweb.settings import DicomWebSettings
from dicomweb.straight_way import StraightWay
from dicomweb.uri.mounting import AtRoot
from gateway.access.caller import Caller, NotPermitted
from gateway.archive.errors import UnknownInstance
from gateway.archive.match_keys import SUPPORTED_KEYS
from gateway.delivery import routes as delivery_routes
from gateway.events import routes as event_routes
from gateway.explanation import routes as explanation_routes
from gateway.intake import case_routes, refusals
from gateway.intake import routes as intake_routes
from gateway.intake.receive import FORM_OVERHEAD_BYTES
from gateway.intake.uploads import Uploads
from gateway.library import routes as library_routes
from gateway.library.cases import routes as reference_case_routes
from gateway.library.drawings import routes as drawing_routes
from gateway.operations import failures
from gateway.operations import routes as operations_routes
from gateway.operations.access_log import AccessLog
from gateway.operations.beside import Beside
from gateway.operations.body_limit import BodyLimit
from gateway.problems import ProblemDocument, domain_error, install, problems
from gateway.reconciling import routes as reconciling_routes
from gateway.review import routes as review_routes
from gateway.runtime import SOFTWARE_VERSION, Gateway, PhotoWork
from gateway.serving import routes as serving_routes
from gateway.serving.models import NoModelServes
from gateway.web import caller as caller_routes
from gateway.web import routes as web_routes
from gateway.web.viewer import viewer_mount
from gateway.worklists import routes as worklist_routes
from gateway.worklists.keeping import KeptWorkitems
from gateway.worklists.scheduled import UnfilledWorklist

API = "/api/v1"
DICOMWEB = "/dicom-web"
WADO_URI = "/wado"

_FACES = (
    intake_routes, event_routes, delivery_routes, review_routes, library_routes, serving_routes, worklist_routes,
    reconciling_routes, drawing_routes, reference_case_routes, case_routes, explanation_routes, caller_routes,
)  # fmt: skip

STATUSES: Mapping[type[Exception], int] = {
    NotPermitted: 403,
    NoModelServes: 503,
    UnknownInstance: 404,
    **delivery_routes.STATUSES,
    **explanation_routes.STATUSES,
    **review_routes.STATUSES,
    **reference_case_routes.STATUSES,
    **reconciling_routes.STATUSES,
    **worklist_routes.STATUSES,
}


class DescribedApp(FastAPI):
    """An application whose description names its keys and the one shape of its errors."""

    _entrance: ASGIApp | None = None
    _beside: Mapping[str, Any] = MappingProxyType({})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request here, or in what was put beside."""
        await (self._entrance or super().__call__)(scope, receive, send)

    def put_beside(self, path: str, other: ASGIApp, described: Mapping[str, Any] = _beside) -> None:
        """Let another application serve what lies below a path; `described` are its `paths` for the description."""
        self._entrance = Beside(self._entrance or super().__call__, path, other)
        self._beside = described

    def openapi(self) -> dict[str, Any]:
        """The description (OpenAPI 3.1), made once."""
        made = self.openapi_schema is not None
        document = super().openapi()
        if not made:
            document["paths"].update(self._beside)
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = _schema_of_problems(components)
            components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": _KEYS}}
            document["security"] = [{"key": []}]
        return document


_KEYS = "Made by `dermgate keys create`. On loopback none is needed as long as there is none."


def _schema_of_problems(components: dict[str, Any]) -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"].update(schema.pop("$defs"))
    return schema


def create_app(gateway: Gateway) -> FastAPI:
    """The application over a built gateway; it neither starts nor stops the gateway's own threads.

    Without the role `http` there are only health and figures.
    """
    app = DescribedApp(
        title="Dermgate",
        version=SOFTWARE_VERSION,
        description="Skin photos in, judged and ranked by demonstration models, DICOM out. Not a medical device.",
        docs_url=None,  # its page would load scripts from another host
        openapi_url=f"{API}/openapi.json",
        redoc_url=None,
    )
    app.state.settings = gateway.settings
    app.state.database = gateway.database
    app.state.authenticator = gateway.authenticator
    app.state.metrics = gateway.metrics
    app.state.stopping = asyncio.Event()
    app.state.models = None
    install(app, STATUSES)
    failures.install(app)
    app.include_router(operations_routes.router)
    if gateway.photos is not None:
        _add_faces(app, gateway, gateway.photos)
    app.add_middleware(BodyLimit, exempt=(f"{API}/photos", f"{API}/library/", f"{DICOMWEB}/"))
    if gateway.photos is not None:
        _add_dicomweb(app, gateway)
    app.add_middleware(AccessLog, metrics=gateway.metrics)
    return app


def _add_faces(app: FastAPI, gateway: Gateway, photos: PhotoWork) -> None:
    """What apps, people and other systems meet."""
    app.state.models = photos.models
    app.state.intake = photos.intake
    app.state.looking = photos.looking
    app.state.explaining = photos.explaining
    app.state.answering = photos.answering
    app.state.case_library = photos.library.cases
    app.state.sample_facts = photos.sample_facts
    app.state.reconciling = photos.reconciling
    app.state.orders = photos.intake.orders
    app.state.uploads = Uploads(gateway.settings.intake.max_bytes + FORM_OVERHEAD_BYTES)
    refusals.install(app)
    app.state.worklist = gateway.worklist
    for routes in _FACES:
        app.include_router(routes.router, prefix=API)
    app.include_router(web_routes.router)
    if gateway.settings.http.viewer is not None:
        app.router.routes.append(viewer_mount(gateway.settings.http.viewer))


def _add_dicomweb(app: DescribedApp, gateway: Gateway) -> None:
    dicomweb = _dicomweb(gateway)
    resources = resources_of(route for route in dicomweb.routes if isinstance(route, Route))
    refusals = {str(status): answer for status, answer in problems(400, 401, 403, 404, 406).items()}
    entrance = AccessLog(StraightWay(dicomweb), gateway.metrics)
    app.put_beside(DICOMWEB, entrance, as_openapi(resources, DICOMWEB, refusals))
    for path in (DICOMWEB, WADO_URI):
        app.router.routes.append(Route(path, AtRoot(dicomweb, DICOMWEB), include_in_schema=False))


def _dicomweb(gateway: Gateway) -> Starlette:
    def archive_for(request: Request) -> Archive:
        return gateway.archive.for_caller(gateway.authenticator.caller(request))

    http = gateway.settings.http
    settings = DicomWebSettings(
        max_store_bytes=http.max_request_bytes,
        matchable_keys=SUPPORTED_KEYS,
        cors_origins=http.cors_origins,
        strict_accept=http.strict_accept,
    )
    dicomweb = create_dicomweb(archive_for, settings, _services(gateway), gateway.short_turn)
    failures.install(dicomweb)
    dicomweb.add_exception_handler(NotPermitted, domain_error(STATUSES[NotPermitted]))
    return dicomweb


def _services(gateway: Gateway) -> Services:
    """What DICOMweb has beside the studies. Orders come with a hospital's own system: until then none is scheduled."""

    def caller_of(request: Request) -> Caller:
        return gateway.authenticator.caller(request)

    return Services(
        workitems_for=lambda request: KeptWorkitems(gateway.database, caller_of(request)),
        commitments_for=lambda request: gateway.archive.commitments_for(caller_of(request)),
        scheduled_steps_for=lambda request: UnfilledWorklist(caller_of(request)),
    )
