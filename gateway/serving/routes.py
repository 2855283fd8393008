"""The models over HTTP: which are in the store, which serve, how those in the shadow agree."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency
from gateway.database import Database
from gateway.problems import problems
from gateway.serving.models import ServedModels
from gateway.serving.records import ModelRecord
from gateway.serving.tallies import ShadowAgreement, read_agreements

router = APIRouter(tags=["models"], responses=problems(401, 403))


class ModelList(BaseModel):
    """Every version in the model store, by task, the newest first; and what was counted of those in the shadow."""

    models: list[ModelRecord]
    shadows: list[ShadowAgreement]


@router.get("/models")
def get_models(request: Request, caller: CallerDependency) -> ModelList:
    """List every version in the model store, by task, the newest first, and how those in the shadow agree."""
    caller.require(Permission.READ_MODELS)
    models: ServedModels = request.app.state.models
    database: Database = request.app.state.database
    with database.read() as session:
        shadows = read_agreements(session)
    return ModelList(models=models.describe(), shadows=shadows)
