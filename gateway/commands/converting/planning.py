"""From files and what is said of them to tasks: which photo gets which case, series and number. Pure."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.commands.converting.finding import Found
from gateway.commands.converting.outcome import Outcome, skipped
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.facts import SopClass
from gateway.conversion.text import identifier
from gateway.intake.facts import discriminator
from gateway.intake.request import InvalidFields, PhotoFields, check_fields

CASE_COLUMN = "case_id"
_PATIENT_FIELDS = ("patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex")
_CASE_ID_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to convert, with its place.

    `case` names its case as the sheet does ("" for a photo that is a case by itself); `lead` is the case's first
    file, whose moment is the study's where nobody said one (`started_at`). Both numbers count from 1; a number that
    a skipped file would have had stays free, so that mending that file changes no other object.
    """

    path: Path
    name: str
    fields: PhotoFields
    case: str
    lead: Path
    started_at: datetime | None
    series_number: int
    instance_number: int


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """What is to be done, and the files that cannot be planned."""

    tasks: tuple[Task, ...]
    skipped: tuple[Outcome, ...]


@dataclass(slots=True)
class _Member:
    """A photo of a case, as far as it is known."""

    file: Found
    said: Mapping[str, str]
    fields: PhotoFields = field(default_factory=PhotoFields)


def plan_conversion(files: Iterable[tuple[Found, Mapping[str, str]]]) -> ConversionPlan:
    """Plan files in their order, each with its fields as text; cases by `case_id` or `study_instance_uid`."""
    faults: list[Outcome] = []
    cases: dict[tuple[str, str], list[_Member]] = defaultdict(list)
    for number, (file, said) in enumerate(files):
        try:
            cases[_case_key(said, number)].append(_Member(file, said))
        except InvalidFactsError as error:
            faults.append(skipped(file.name, str(error)))
    tasks: list[Task] = []
    for (kind, name), members in cases.items():
        tasks += _case_tasks(name if kind == CASE_COLUMN else "", members, faults)
    return ConversionPlan(tuple(tasks), tuple(faults))


def with_distinct_names(plan: ConversionPlan) -> ConversionPlan:
    """The plan without tasks whose name an earlier one has already: two objects cannot be called alike."""
    first: dict[str, Task] = {}
    for task in plan.tasks:
        first.setdefault(task.name, task)
    again = [task for task in plan.tasks if first[task.name] is not task]
    faults = (skipped(task.name, "another file of that name is converted") for task in again)
    return ConversionPlan(tuple(first.values()), (*plan.skipped, *faults))


def _case_key(said: Mapping[str, str], number: int) -> tuple[str, str]:
    case, study = said.get(CASE_COLUMN, ""), said.get("study_instance_uid", "")
    if case and study:
        raise InvalidFactsError(CASE_COLUMN, "and study_instance_uid exclude each other")
    if case:
        return CASE_COLUMN, identifier(case, _CASE_ID_LENGTH, CASE_COLUMN)
    return ("study", study) if study else ("file", str(number))


def _case_tasks(case: str, members: Sequence[_Member], faults: list[Outcome]) -> list[Task]:
    patient = _patient_said(members)
    fit = []
    for member in members:
        fault = _understand(member, patient)
        if fault:
            faults.append(skipped(member.file.name, fault))
        else:
            fit.append(member)
    moments = [member.fields.captured_at for member in fit if member.fields.captured_at is not None]
    started_at = min(moments) if moments else None
    series: dict[str, tuple[int, itertools.count[int]]] = {}
    tasks = []
    for member in fit:
        # Which class a file comes to is known once it is read; its series is numbered by what was said of it.
        kind = discriminator(member.fields, SopClass.DERMOSCOPIC)
        number, instances = series.setdefault(kind, (len(series) + 1, itertools.count(1)))
        tasks.append(
            Task(
                path=member.file.path,
                name=member.file.name,
                fields=member.fields,
                case=case,
                lead=fit[0].file.path,
                started_at=started_at,
                series_number=number,
                instance_number=next(instances),
            )
        )
    return tasks


def _patient_said(members: Sequence[_Member]) -> dict[str, str]:
    """What any photo of a case says of the patient, the first word of each field; it holds for all of them."""
    said: dict[str, str] = {}
    for member in members:
        for name in _PATIENT_FIELDS:
            if text := member.said.get(name):
                said.setdefault(name, text)
    return said


def _understand(member: _Member, patient: Mapping[str, str]) -> str:
    """Check a photo's fields, with the patient's of its case; returns what is wrong with them."""
    for name in ("patient_id", "issuer_of_patient_id"):
        if member.said.get(name, patient.get(name)) != patient.get(name):
            return f"{name}: the case belongs to another patient"
    said = {**patient, **member.said}
    said.pop(CASE_COLUMN, None)
    try:
        member.fields = check_fields(said)
    except InvalidFields as error:
        return str(error)
    return ""
