"""Health and figures over HTTP."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency
from gateway.operations.health import Finding, check_database, check_serving, check_storage
from gateway.operations.metrics import CONTENT_TYPE

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def get_alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "alive"}


@router.get("/readyz")
def get_ready(request: Request) -> JSONResponse:
    """Say whether the gateway can do its work; 503 and why where it cannot. Destinations do not count."""
    findings = _findings(request)
    ready = all(finding.ok for finding in findings)
    document: dict[str, Any] = {
        "status": "ready" if ready else "not ready",
        "checks": {finding.what: finding.fault or "ok" for finding in findings},
    }
    return JSONResponse(document, status_code=200 if ready else 503)


@router.get("/metrics")
def get_metrics(request: Request, caller: CallerDependency) -> Response:
    """Give every figure in Prometheus' text format."""
    caller.require(Permission.READ_METRICS)
    return Response(request.app.state.metrics.render(), media_type=CONTENT_TYPE)


def _findings(request: Request) -> list[Finding]:
    state = request.app.state
    findings = [check_database(state.database), check_storage(Path(state.settings.archive.storage))]
    # Only a process that takes photos in needs models.
    return findings if state.models is None else [*findings, check_serving(state.models)]
