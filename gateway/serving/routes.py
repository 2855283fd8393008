"""The models over HTTP: which are in the store, which serve, how those in the shadow agree."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency, DatabaseDependency
from gateway.database import Database
from gateway.problems import problems
from gateway.serving.models import ServedModels
from gateway.serving.outcomes import Came, keep_outcome, list_outcomes
from gateway.serving.records import ModelRecord
from gateway.serving.tallies import ShadowAgreement, read_agreements
from inference.manifest import Task

router = APIRouter(tags=["models"], responses=problems(401, 403))


class ModelList(BaseModel):
    """Every version in the model store, by task, the newest first; and what was counted of those in the shadow."""

    models: list[ModelRecord]
    shadows: list[ShadowAgreement]


_Count = Annotated[int, Field(ge=0, le=10**9)]


class PhotosToCollect(BaseModel):
    """Photos that are lacking: of which label, how many to test and to train with (null: none), and what for."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, StringConstraints(max_length=128)]
    test_photos: _Count | None
    train_photos: _Count | None
    why: Annotated[str, StringConstraints(max_length=500)]


class Outcome(BaseModel):
    """What came of one round of a trainer; `words` say why, in English.

    `version` is that of the model in the store, where there is one, and `serves` what it does there; `accuracy` that
    on the held-out photos; `held` labels were kept apart as doubtful.
    """

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = Field(
        description="the same again is the same outcome, however often it is posted"
    )
    task: Task
    came: Came
    round: Annotated[int, Field(ge=1, le=10**6)]
    at: AwareDatetime
    new_samples: _Count
    held: _Count
    words: Annotated[str, StringConstraints(max_length=8000)]
    version: Annotated[int, Field(ge=1, le=10**6)] | None = None
    serves: Annotated[str, StringConstraints(pattern=r"^(candidate|shadow|active)$")] | None = None
    accuracy: Annotated[float, Field(ge=0, le=1)] | None = None
    collect: list[PhotosToCollect] = Field(default=[], max_length=50)


class KeptOutcome(BaseModel):
    """An outcome, when it was told, and by which key."""

    told_at: datetime
    told_by: str
    outcome: Outcome


class OutcomeList(BaseModel):
    """The newest outcomes first."""

    outcomes: list[KeptOutcome]


@router.get("/models")
def get_models(request: Request, caller: CallerDependency) -> ModelList:
    """List every version in the model store, by task, the newest first, and how those in the shadow agree."""
    caller.require(Permission.READ_MODELS)
    models: ServedModels = request.app.state.models
    database: Database = request.app.state.database
    with database.read() as session:
        shadows = read_agreements(session)
    return ModelList(models=models.describe(), shadows=shadows)


@router.post("/models/outcomes", status_code=204, responses=problems(413, 422))
def post_outcome(caller: CallerDependency, database: DatabaseDependency, outcome: Annotated[Outcome, Body()]) -> None:
    """Tell what came of a round of training: `model.trained` or `model.refused` for all who wait for events."""
    with database.write() as unit_of_work:
        keep_outcome(unit_of_work, caller, outcome.id, outcome.came, outcome.model_dump(mode="json"))


@router.get("/models/outcomes", responses=problems(422))
def get_outcomes(
    caller: CallerDependency, database: DatabaseDependency, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> OutcomeList:
    """List what came of the trainers' rounds, the newest first."""
    with database.read() as session:
        told = list_outcomes(session, caller, limit=limit)
    return OutcomeList(
        outcomes=[
            KeptOutcome(told_at=one.told_at, told_by=one.told_by, outcome=Outcome.model_validate(one.data))
            for one in told
        ]
    )
