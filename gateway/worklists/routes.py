"""The hospital's worklist over HTTP: what is scheduled, for a photo or a correction to be taken for."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.http import CallerDependency
from gateway.problems import Problem, problems
from gateway.worklists.asking import HospitalWorklist, NoWorklist, WorklistSearch, WorklistUnavailable
from gateway.worklists.orders import Order

STATUSES: Mapping[type[Exception], int] = {NoWorklist: 404, WorklistUnavailable: 503}
"""The HTTP status of each domain error, for the app's handlers."""

LONGEST_PERIOD = timedelta(days=366)

router = APIRouter(tags=["worklist"], responses=problems(401, 403, 422))

# A backslash would make several values of one (PS3.5 6.4), a control character no text at all.
_KEY = r"^[^\\\x00-\x1f\x7f]*$"
_KEYS = frozenset({"patient_id", "patient_name", "accession_number", "date"})
_PERIOD = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?", re.ASCII)

NameKey = Annotated[str, Query(max_length=64, pattern=_KEY, description="a DICOM PN; * and ? stand for any letters")]
IdKey = Annotated[str, Query(max_length=64, pattern=_KEY)]
NumberKey = Annotated[str, Query(max_length=16, pattern=_KEY)]
Period = Annotated[
    str | None, Query(max_length=21, description="YYYY-MM-DD, or two of them with / between; unsaid, around today")
]


class WorklistItem(BaseModel):
    """One scheduled step; `item` names it when a photo is posted for it or a case is reconciled with it."""

    model_config = ConfigDict(extra="forbid")

    item: str
    patient_id: str
    issuer_of_patient_id: str | None
    patient_name: str = Field(description="a DICOM PN, every component group the worklist has")
    patient_birth_date: date | None
    patient_sex: Literal["F", "M", "O"] | None
    accession_number: str | None
    requested_procedure_id: str | None
    scheduled_procedure_step_id: str | None
    study_instance_uid: str | None
    procedure: str | None
    step: str | None
    modality: str | None
    station_ae_title: str | None
    referring_physician: str | None
    starts_on: str | None = Field(description="DA, as the worklist has it")
    starts_at: str | None = Field(description="TM, as the worklist has it")


class WorklistPage(BaseModel):
    """What is scheduled, in the order it begins; `more` says that more match: narrow the search."""

    model_config = ConfigDict(extra="forbid")

    items: list[WorklistItem]
    more: bool


@router.get("/worklist", responses=problems(404, 503))
def get_worklist(
    *,
    request: Request,
    caller: CallerDependency,
    patient_id: IdKey = "",
    patient_name: NameKey = "",
    accession_number: NumberKey = "",
    date: Period = None,
) -> WorklistPage:
    """List what the hospital has scheduled for photographs."""
    _refuse_others(request.query_params)
    worklist: HospitalWorklist = request.app.state.worklist
    wanted = WorklistSearch(patient_id.strip(), patient_name.strip(), accession_number.strip(), _period(date))
    found = worklist.search(caller, wanted)
    return WorklistPage(items=[_shown(order) for order in found.orders], more=found.more)


def _refuse_others(given: Iterable[str]) -> None:
    """A key that is not known, perhaps a misspelt one, would be answered with everybody's orders."""
    faults = [{"field": name, "fault": "there is no such parameter"} for name in given if name not in _KEYS]
    if faults:
        raise Problem(422, "the request cannot be used as it is", errors=faults)


def _period(text: str | None) -> tuple[date, date] | None:
    if not text:
        return None
    match = _PERIOD.fullmatch(text)
    try:
        days = [date.fromisoformat(day) for day in match.groups() if day] if match else []
    except ValueError:
        days = []
    if not days or days[-1] < days[0] or days[-1] - days[0] > LONGEST_PERIOD:
        fault = "is no day YYYY-MM-DD, nor two of them, at most a year apart, with / between"
        raise Problem(422, "the request cannot be used as it is", errors=[{"field": "date", "fault": fault}])
    return days[0], days[-1]


def _shown(order: Order) -> WorklistItem:
    item = order.item
    return WorklistItem(
        item=item.name,
        patient_id=order.patient_id,
        issuer_of_patient_id=order.issuer_of_patient_id or None,
        patient_name=order.patient_name,
        patient_birth_date=order.patient_birth_date,
        patient_sex=order.patient_sex,
        accession_number=item.accession_number or None,
        requested_procedure_id=item.requested_procedure_id or None,
        scheduled_procedure_step_id=item.scheduled_procedure_step_id or None,
        study_instance_uid=order.study_instance_uid or None,
        procedure=order.requested_procedure_description or None,
        step=order.step_description or None,
        modality=order.modality or None,
        station_ae_title=order.station_ae_title or None,
        referring_physician=order.referring_physician or None,
        starts_on=order.starts_on or None,
        starts_at=order.starts_at or None,
    )
