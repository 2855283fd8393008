"""From files and what is said of them to tasks: which file gets which case, series and number.

Pure but for what the caller's `Classify` looks up: which class a file comes to, since a series has one modality.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from gateway.review.places import next_series_number

CASE_COLUMN = "case_id"
_PATIENT_FIELDS = ("patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex")
_STUDY_FIELDS = (
    "accession_number", "admission_id", "study_description", "referring_physician", "requesting_service",
)  # fmt: skip
_CASE_FIELDS = (*_PATIENT_FIELDS, *_STUDY_FIELDS)
"""What all objects of a study say alike."""
_CASE_ID_LENGTH = 64

Classify = Callable[[Path, PhotoFields], SopClass | None]
"""The class that a file comes to, as far as its series depends on it; None for one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Task:
    """One photo or video to convert, with its place.

    `case` names its case as the sheet does ("" for a file that is a case by itself); `lead` is the case's first photo,
    or its first video where there is none: its moment is the study's where nobody said one (`started_at`), and its
    bytes tell a stranger's case from others of the same name. `alone` says that the case has no other file. Both
    numbers count from 1; a number that a skipped file would have had stays free, so that mending that file changes no
    other object.
    """

    path: Path
    name: str
    fields: PhotoFields
    case: str
    lead: Path
    alone: bool
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
    """A file of a case, as far as it is known."""

    file: Found
    said: Mapping[str, str]
    fields: PhotoFields = field(default_factory=PhotoFields)
    sop_class: SopClass | None = None

    @property
    def series(self) -> str:
        """What tells its series from the others of the case."""
        return discriminator(self.fields, self.sop_class or SopClass.DERMOSCOPIC)


def plan_conversion(files: Iterable[tuple[Found, Mapping[str, str]]], classify: Classify) -> ConversionPlan:
    """Plan files in their order, each with its fields as text; cases by `case_id` or `study_instance_uid`.

    Only files of cases that have several are classified.
    """
    faults: list[Outcome] = []
    cases: dict[tuple[str, str], list[_Member]] = defaultdict(list)
    for number, (file, said) in enumerate(files):
        try:
            cases[_case_key(said, number)].append(_Member(file, said))
        except InvalidFactsError as error:
            faults.append(skipped(file.name, str(error), error.code))
    tasks: list[Task] = []
    for (kind, name), members in cases.items():
        fit = _understood(members, faults)
        if len(fit) > 1:
            for member in fit:
                member.sop_class = classify(member.file.path, member.fields)
        if fit:
            tasks += _case_tasks(name if kind == CASE_COLUMN else "", fit, _lead(fit).file.path)
    return ConversionPlan(tuple(tasks), tuple(faults))


def with_distinct_names(plan: ConversionPlan, *, reports: bool = False) -> ConversionPlan:
    """The plan without tasks whose name an earlier one has already: two objects cannot be called alike.

    With `reports` every task takes its report's name too.
    """
    taken: dict[str, Task] = {}
    kept, faults = [], []
    for task in plan.tasks:
        names = (task.name, report_name(task.name)) if reports else (task.name,)
        if other := next((taken[name] for name in names if name in taken), None):
            faults.append(skipped(task.name, _same_name(task, other), "same_name"))
        else:
            taken.update(dict.fromkeys(names, task))
            kept.append(task)
    return ConversionPlan(tuple(kept), (*plan.skipped, *faults))


def report_name(name: str) -> str:
    """What the report of a file is called where objects are called as their files are, without `.dcm`."""
    return f"{name}.report"


def _same_name(task: Task, other: Task) -> str:
    return (
        f"{task.path} would be written over what becomes of {other.path}: "
        "name a folder that holds both, or leave --names source out"
    )


def case_fault(said: Mapping[str, str]) -> str:
    """What is wrong with how a file's case is named; "" where nothing is."""
    try:
        _case_key(said, 0)
    except InvalidFactsError as error:
        return str(error)
    return ""


def _case_key(said: Mapping[str, str], number: int) -> tuple[str, str]:
    case, study = said.get(CASE_COLUMN, ""), said.get("study_instance_uid", "")
    if case and study:
        raise InvalidFactsError(CASE_COLUMN, "and study_instance_uid exclude each other")
    if case:
        return CASE_COLUMN, identifier(case, _CASE_ID_LENGTH, CASE_COLUMN)
    return ("study", study) if study else ("file", str(number))


def _understood(members: Sequence[_Member], faults: list[Outcome]) -> list[_Member]:
    """The members whose fields can be used, with those fields checked; the others become faults.

    Where two of them contradict each other nobody knows which one belongs to the case: none is converted.
    """
    if fault := _contradiction(members):
        faults += [skipped(member.file.name, fault, "case_contradicts") for member in members]
        return []
    case = _case_said(members)
    fit = []
    for member in members:
        if fault := _understand(member, case):
            faults.append(skipped(member.file.name, fault, InvalidFactsError.code))
        else:
            fit.append(member)
    return fit


def _case_tasks(case: str, fit: Sequence[_Member], lead: Path) -> list[Task]:
    moments = [member.fields.captured_at for member in fit if member.fields.captured_at is not None]
    started_at = min(moments) if moments else None
    series: dict[str, tuple[int, itertools.count[int]]] = {}
    last = 0
    tasks = []
    for member in fit:
        if member.series not in series:
            last = next_series_number(last)
            series[member.series] = last, itertools.count(1)
        number, instances = series[member.series]
        tasks.append(
            Task(
                path=member.file.path,
                name=member.file.name,
                fields=member.fields,
                case=case,
                lead=lead,
                alone=len(fit) == 1,
                started_at=started_at,
                series_number=number,
                instance_number=next(instances),
            )
        )
    return tasks


def _lead(fit: Sequence[_Member]) -> _Member:
    """The first photo that can be read, else the first such video."""
    readable = [member for member in fit if member.sop_class is not None]
    photos = (member for member in readable if member.sop_class is not SopClass.VIDEO_PHOTOGRAPHIC)
    return next(photos, (readable or fit)[0])


def _case_said(members: Sequence[_Member]) -> dict[str, str]:
    """What any photo of a case says of patient and study, which holds for all of them."""
    said: dict[str, str] = {}
    for member in members:
        for name in _CASE_FIELDS:
            if text := member.said.get(name):
                said.setdefault(name, text)
    return said


def _contradiction(members: Sequence[_Member]) -> str:
    """Where two photos of a case say different things of its patient or study, the field and both files."""
    for name in _CASE_FIELDS:
        saying = [member for member in members if member.said.get(name)]
        for member in saying[1:]:
            if member.said[name].strip() != saying[0].said[name].strip():
                return f"{name}: {saying[0].file.name} and {member.file.name} of one case say different things"
    return ""


def _understand(member: _Member, case: Mapping[str, str]) -> str:
    """Check a photo's fields, with those of its case; returns what is wrong with them."""
    said = {**case, **member.said}
    said.pop(CASE_COLUMN, None)
    try:
        member.fields = check_fields(said)
    except InvalidFields as error:
        return str(error)
    return ""
