"""The models over HTTP: which are in the store, which serve."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency
from gateway.problems import problems
from gateway.serving.models import ServedModels
from gateway.serving.records import ModelRecord

router = APIRouter(tags=["models"], responses=problems(401, 403))


class ModelList(BaseModel):
    """Every version in the model store, by task, the newest first."""

    models: list[ModelRecord]


@router.get("/models")
def get_models(request: Request, caller: CallerDependency) -> ModelList:
    """List every version in the model store, by task, the newest first."""
    caller.require(Permission.READ_MODELS)
    models: ServedModels = request.app.state.models
    return ModelList(models=list(models.describe()))
