"""Reconciling a case over HTTP: with an order of the worklist, or with what somebody knows of the patient."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.caller import Caller
from gateway.access.http import CallerDependency
from gateway.archive.whole_study import StudyTooLarge
from gateway.conversion.text import single_line
from gateway.intake.ordered import OrderTaking
from gateway.intake.request import InvalidFields, PhotoFields, check_fields
from gateway.problems import Problem, problems
from gateway.reconciling.right import Right
from gateway.reconciling.service import NothingToReconcile, Reconciled, Reconciling
from gateway.worklists.asking import WorklistUnavailable
from gateway.worklists.orders import LONGEST_ITEM

STATUSES: Mapping[type[Exception], int] = {NothingToReconcile: 409, StudyTooLarge: 413}
"""The HTTP status of each domain error, for the app's handlers."""

WRONG_ENTRY = "incorrect modality worklist entry"
"""The reason where none is given, in the words of the standard's (113038, DCM)."""

_LO = 64

router = APIRouter(tags=["worklist"], responses=problems(401, 403, 422))


class PostedReconciliation(BaseModel):
    """Whose a case is: an item of the worklist, or else a patient's id with what is known beside it.

    The members are those of a posted photo.
    """

    model_config = ConfigDict(extra="forbid")

    worklist_item: str = Field(default="", max_length=LONGEST_ITEM)
    patient_id: str = Field(default="", max_length=64)
    issuer_of_patient_id: str = Field(default="", max_length=64)
    patient_name: str = Field(default="", max_length=324)
    patient_birth_date: str = Field(default="", max_length=10, description="YYYY-MM-DD")
    patient_sex: Literal["", "F", "M", "O"] = ""
    accession_number: str = Field(default="", max_length=16)
    reason: str = Field(default="", max_length=64, description="kept with the corrected revisions")


class ReconciledCase(BaseModel):
    """What became of a case; nothing was to be corrected where `corrected` is 0."""

    model_config = ConfigDict(extra="forbid")

    case_id: str
    study_instance_uid: str
    corrected: int = Field(description="objects that have a corrected revision now")
    unchanged: int = Field(description="objects that were right")
    destinations: list[str] = Field(description="where corrected objects go")


@router.post("/cases/{case_id}/reconcile", responses=problems(404, 409, 413, 503, 507))
def post_reconciliation(
    request: Request,
    caller: CallerDependency,
    case_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],
    posted: Annotated[PostedReconciliation, Body()],
) -> ReconciledCase:
    """Give a case its right patient and order: its objects get corrected revisions, which destinations are sent.

    The same request again changes nothing.
    """
    reconciling: Reconciling = request.app.state.reconciling
    orders: OrderTaking = request.app.state.orders
    hospital = reconciling.hospital_of(caller, case_id)  # and whether they may, before anybody is asked
    fields = _right_fields(caller, orders, posted, hospital)
    return _shown(reconciling.reconcile(caller, case_id, Right(fields, single_line(posted.reason, _LO) or WRONG_ENTRY)))


def _right_fields(caller: Caller, orders: OrderTaking, posted: PostedReconciliation, hospital: str) -> PhotoFields:
    said = _checked({name: text for name, text in posted.model_dump(exclude={"reason"}).items() if text.strip()})
    if not said.worklist_item:
        if not said.patient_id:
            raise _unusable("patient_id", "is missing, and so is a worklist item")
        return said
    taken = orders.taken(caller, said, hospital)
    if taken.state != "found":
        raise WorklistUnavailable("the worklist does not answer")
    return taken.fields


def _checked(said: dict[str, Any]) -> PhotoFields:
    try:
        return check_fields(said)
    except InvalidFields as error:
        raise Problem(422, "the request cannot be used as it is", errors=error.faults) from error


def _unusable(field: str, fault: str) -> Problem:
    return Problem(422, "the request cannot be used as it is", errors=[{"field": field, "fault": fault}])


def _shown(done: Reconciled) -> ReconciledCase:
    return ReconciledCase(
        case_id=done.case.id,
        study_instance_uid=done.case.study_instance_uid,
        corrected=done.corrected,
        unchanged=done.unchanged,
        destinations=list(done.destinations),
    )
