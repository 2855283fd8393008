"""An order for photographs as a worklist gives it: one scheduled step, its patient and its study. Pure rules."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, cast

import orjson
from pydicom.dataset import Dataset

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.person_name import person_name
from gateway.conversion.text import identifier, single_line

LONGEST_ITEM = 384
"""Characters of an item's name."""

_LO, _SH, _PN = 64, 16, 324
_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+", re.ASCII)
_LONGEST_UID = 64
_SEXES = ("F", "M", "O")
_MEMBERS = 4
_WHOSE_DIGITS = 16
_FIRST_YEAR = 1000


class InvalidItem(ValueError):
    """The name is none that a worklist item was given."""


class UnusableOrder(Exception):
    """A worklist item that no photo can be taken for; says which attribute is at fault, without its value."""


@dataclass(frozen=True, slots=True)
class Item:
    """What tells a worklist's item from all others: the numbers that the hospital gave, and whose they are.

    Not every hospital's numbers differ from patient to patient. `whose` is a digest of the patient's identity, "" in
    numbers that somebody typed.
    """

    accession_number: str
    requested_procedure_id: str
    scheduled_procedure_step_id: str
    whose: str = ""

    @property
    def numbers(self) -> tuple[str, str, str]:
        """The hospital's numbers."""
        return self.accession_number, self.requested_procedure_id, self.scheduled_procedure_step_id

    @property
    def name(self) -> str:
        """The item as one word that a form can hold (RFC 4648 section 5, without padding)."""
        return base64.urlsafe_b64encode(orjson.dumps((*self.numbers, self.whose))).decode("ascii").rstrip("=")


@dataclass(frozen=True, slots=True)
class Order:
    """One scheduled step; what is unknown is "" or None. `starts_on` and `starts_at` are DA and TM as they came.

    Identifiers fit their attributes, and names are DICOM PN in all the component groups that the worklist has.
    """

    item: Item
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: date | None
    patient_sex: Literal["F", "M", "O"] | None
    study_instance_uid: str
    referring_physician: str
    requesting_service: str
    requested_procedure_description: str
    admission_id: str
    modality: str
    station_ae_title: str
    starts_on: str
    starts_at: str
    step_description: str


def item_of(name: str) -> Item:
    """The item that a name stands for; raises InvalidItem."""
    try:
        padded = name.encode("ascii") + b"=" * (-len(name) % 4)
        numbers = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise InvalidItem("is no item of a worklist") from error
    if not _is_item(numbers):
        raise InvalidItem("is no item of a worklist")
    return Item(*numbers)


def read_order(answer: Dataset) -> Order:
    """The order of a worklist's answer; raises UnusableOrder for one without a patient or with a number too long."""
    steps = answer.get("ScheduledProcedureStepSequence") or ()
    step = steps[0] if steps else Dataset()
    patient_id, issuer = _identifier(answer, "PatientID", _LO), _identifier(answer, "IssuerOfPatientID", _LO)
    order = Order(
        item=Item(
            _number(answer, "AccessionNumber"),
            _number(answer, "RequestedProcedureID"),
            _number(step, "ScheduledProcedureStepID"),
            _whose(issuer, patient_id),
        ),
        patient_id=patient_id,
        issuer_of_patient_id=issuer,
        patient_name=_name(answer, "PatientName"),
        patient_birth_date=_date(_text(answer, "PatientBirthDate", _SH)),
        patient_sex=_sex(_text(answer, "PatientSex", _SH)),
        study_instance_uid=_uid(_text(answer, "StudyInstanceUID", _LONGEST_UID + 1)),
        referring_physician=_name(answer, "ReferringPhysicianName") or _name(answer, "RequestingPhysician"),
        requesting_service=_text(answer, "RequestingService", _LO),
        requested_procedure_description=_text(answer, "RequestedProcedureDescription", _LO),
        admission_id=_identifier(answer, "AdmissionID", _LO),
        modality=_text(step, "Modality", _SH),
        station_ae_title=_text(step, "ScheduledStationAETitle", _SH),
        starts_on=_text(step, "ScheduledProcedureStepStartDate", 8),
        starts_at=_text(step, "ScheduledProcedureStepStartTime", _SH),
        step_description=_text(step, "ScheduledProcedureStepDescription", _LO),
    )
    if not order.patient_id:
        raise UnusableOrder("PatientID is missing")
    return order


def one_order(orders: Sequence[Order]) -> Order | None:
    """What several steps of one accession number have in common; None where they are of two patients or studies.

    Where the steps or procedures differ, the order is of none of them in particular.
    """
    first = orders[0]
    shared = [_shared(order) for order in orders]
    if any(other != shared[0] for other in shared):
        return None
    items = [order.item for order in orders]
    if all(item == first.item for item in items):
        return first
    procedures = {item.requested_procedure_id for item in items}
    procedure = procedures.pop() if len(procedures) == 1 else ""
    return _of_no_step(first, Item(first.item.accession_number, procedure, "", first.item.whose))


def _shared(order: Order) -> tuple[object, ...]:
    return (order.patient_id, order.issuer_of_patient_id, order.study_instance_uid)


def _of_no_step(order: Order, item: Item) -> Order:
    description = order.requested_procedure_description if item.requested_procedure_id else ""
    return replace(order, item=item, requested_procedure_description=description, step_description="")


def _is_item(numbers: object) -> bool:
    return (
        isinstance(numbers, list)
        and len(numbers) == _MEMBERS
        and all(isinstance(number, str) and len(number) <= _SH for number in numbers)
        and any(numbers[:-1])
    )


def _whose(issuer: str, patient_id: str) -> str:
    return hashlib.sha256(f"{len(issuer)}:{issuer}{patient_id}".encode()).hexdigest()[:_WHOSE_DIGITS]


def _values(dataset: Dataset, keyword: str) -> str:
    """The first value as text, "" for none."""
    value = dataset.get(keyword)
    if isinstance(value, list | tuple) or hasattr(value, "append"):
        value = next(iter(cast(Sequence[object], value)), None)
    return "" if value is None else str(value).strip(" \0")


def _text(dataset: Dataset, keyword: str, limit: int) -> str:
    return single_line(_values(dataset, keyword), limit)


def _number(dataset: Dataset, keyword: str) -> str:
    return _identifier(dataset, keyword, _SH)


def _identifier(dataset: Dataset, keyword: str, limit: int) -> str:
    try:
        return identifier(_values(dataset, keyword), limit, keyword)
    except InvalidFactsError as error:
        raise UnusableOrder(str(error)) from error


def _name(dataset: Dataset, keyword: str) -> str:
    text = _values(dataset, keyword)[:_PN]
    try:
        return person_name(text, field=keyword)
    except InvalidFactsError as error:
        raise UnusableOrder(str(error)) from error


def _date(text: str) -> date | None:
    """A day, however unlikely it is; the first of year 1 is how some programs write that they know none."""
    try:
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None


def _sex(text: str) -> Literal["F", "M", "O"] | None:
    return cast(Literal["F", "M", "O"], text) if text in _SEXES else None


def _uid(text: str) -> str:
    """A UID, "" for what is none: the gateway then makes one of its own."""
    return text if len(text) <= _LONGEST_UID and _UID.fullmatch(text) else ""
