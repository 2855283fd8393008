"""What whoever calls may do here: the pages ask it first, and then for nothing that they would be refused."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.caller import Permission
from gateway.access.http import CallerDependency
from gateway.config import Settings
from gateway.problems import problems
from gateway.worklists.asking import HospitalWorklist

router = APIRouter(tags=["access"], responses=problems(401))


class CallerView(BaseModel):
    """What a caller may do here, and what there is to do it with."""

    model_config = ConfigDict(extra="forbid")

    permissions: list[Permission] = Field(description="by their names")
    hospitals: list[str] | None = Field(description="whose rows the caller sees; null for those of all")
    one_patient: bool = Field(description="whether the key stands for one patient, and sees of nobody else")
    worklist: bool = Field(description="whether there is a worklist here that the caller may search")
    explanations: bool = Field(description="whether it is told what answers to photos stand on")


@router.get("/caller")
def get_caller(request: Request, caller: CallerDependency) -> CallerView:
    """Tell what the caller may do."""
    worklist: HospitalWorklist = request.app.state.worklist
    settings: Settings = request.app.state.settings
    return CallerView(
        permissions=sorted(each for each in Permission if caller.may(each)),
        hospitals=None if caller.hospitals is None else sorted(caller.hospitals),
        one_patient=caller.patient is not None,
        worklist=worklist.is_for(caller),
        explanations=settings.explanation.when != "never",
    )
