"""Health and figures over HTTP."""

from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.responses import JSONResponse

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency
from gateway.operations.health import Finding, check_database, check_serving, check_storage
from gateway.operations.metrics import CONTENT_TYPE
from gateway.problems import problems

router = APIRouter(tags=["operations"])

_NO_KEY: dict[str, Any] = {"security": []}


class Readiness(BaseModel):
    """Whether the gateway can do its work; each check says `ok`, or what is wrong."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]


@router.get("/healthz", openapi_extra=_NO_KEY)
async def get_alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    openapi_extra=_NO_KEY,
    responses={200: {"model": Readiness}, 503: {"model": Readiness, "description": "Not ready"}},
)
def get_ready(request: Request) -> JSONResponse:
    """Say whether the gateway can do its work; 503 and why where it cannot. Destinations do not count."""
    findings = _findings(request)
    ready = all(finding.ok for finding in findings)
    document: dict[str, Any] = {
        "status": "ready" if ready else "not ready",
        "checks": {finding.what: finding.fault or "ok" for finding in findings},
    }
    return JSONResponse(document, status_code=200 if ready else 503)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}, **problems(401, 403)},
)
def get_metrics(request: Request, caller: CallerDependency) -> Response:
    """Give every figure in Prometheus' text format."""
    caller.require(Permission.READ_METRICS)
    return Response(request.app.state.metrics.render(), media_type=CONTENT_TYPE)


def _findings(request: Request) -> list[Finding]:
    state = request.app.state
    findings = [check_database(state.database), check_storage(Path(state.settings.archive.storage))]
    # Only a process that takes photos in needs models.
    return findings if state.models is None else [*findings, check_serving(state.models)]
