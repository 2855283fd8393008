"""The models over HTTP: which are in the store, which serve."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency
from gateway.serving.models import ServedModels

router = APIRouter(tags=["models"])


@router.get("/models")
def get_models(request: Request, caller: CallerDependency) -> dict[str, list[dict[str, Any]]]:
    """List every version in the model store, by task, the newest first."""
    caller.require(Permission.READ_MODELS)
    models: ServedModels = request.app.state.models
    return {"models": [asdict(record) for record in models.describe()]}
