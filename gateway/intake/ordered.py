"""A photo that is taken for an order: patient, order and study are the worklist's, whatever was typed.

What is typed and says otherwise of the patient, or of the order, refuses the photo: one of the two is of somebody else.
Names are typed in many ways, so that the worklist's is taken and the answer says so. Pure rules, and the asking.
"""

import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.access.caller import Caller
from gateway.config import SiteSettings
from gateway.conversion.person_name import person_name
from gateway.conversion.text import single_line
from gateway.conversion.uids import derived_uid
from gateway.database import now
from gateway.intake.placing import Arrival
from gateway.intake.request import PhotoFields, kept_fields
from gateway.worklists.asking import AmbiguousOrder, HospitalWorklist, UnknownOrder, WorklistUnavailable
from gateway.worklists.orders import InvalidItem, Item, Order, item_of

logger = logging.getLogger(__name__)

OrderState = Literal["found", "unknown", "unavailable"]

_LONGEST = 324
_NAMES = ("patient_name", "referring_physician")
_DESCRIPTIVE = ("study_description", "requesting_service")
"""What may be typed otherwise than the order has it, and is the worklist's all the same."""


class OrderRefused(Exception):
    """The photo cannot be taken for the order that it names; `faults` says why, without repeating a value."""

    def __init__(self, *faults: dict[str, str]) -> None:
        super().__init__("; ".join(f"{fault['field']}: {fault['fault']}" for fault in faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class TakenOrder:
    """A photo's fields once its order was looked for.

    `state` is None where it names none. `overruled` are typed fields in whose place the worklist's values stand.
    """

    fields: PhotoFields
    state: OrderState | None = None
    overruled: tuple[str, ...] = ()

    @property
    def note(self) -> dict[str, Any] | None:
        """What is kept of it with the submission."""
        return None if self.state is None else {"state": self.state, "overruled": list(self.overruled)}


@dataclass(frozen=True, slots=True)
class OrderTaking:
    """Looks photos' orders up in the hospital's worklist."""

    worklist: HospitalWorklist
    site: SiteSettings

    def arrival(self, caller: Caller, fields: PhotoFields) -> Arrival:
        """A photo as it comes in now, its order looked up; raises OrderRefused."""
        taken = self.taken(caller, fields)
        return Arrival(uuid.uuid4().hex, caller.home, taken.fields, now(), taken.note)

    def taken(self, caller: Caller, fields: PhotoFields, hospital: str | None = None) -> TakenOrder:
        """The fields with what their order says; as they are where the worklist does not know it, or cannot be asked.

        A photo that a patient posts is of that patient, so that an accession number stays what was typed. `hospital`
        is whose photo it is, the caller's own where it is left out. Raises OrderRefused.
        """
        home = hospital or caller.home
        item = self._item(caller, fields, home)
        if item is None:
            return TakenOrder(fields)
        try:
            order = self.worklist.order(caller, item, home)
        except WorklistUnavailable as error:
            logger.warning("a photo is taken without its order: %s", error)
            return TakenOrder(fields, "unavailable")
        except UnknownOrder:
            if fields.worklist_item:
                raise OrderRefused(_fault("worklist_item", "is not on the worklist any more")) from None
            return TakenOrder(fields, "unknown")
        except AmbiguousOrder as error:
            raise OrderRefused(_fault("accession_number", str(error))) from error
        ordered, overruled = with_order(fields, order, self.study_uid(home, order))
        return TakenOrder(ordered, "found", overruled)

    def _item(self, caller: Caller, fields: PhotoFields, hospital: str) -> Item | None:
        has_worklist = caller.patient is None and self.worklist.serves(hospital)
        if fields.worklist_item and not has_worklist:
            raise OrderRefused(_fault("worklist_item", "there is no worklist for this caller, or none for this case"))
        if fields.worklist_item:
            return _named(fields)
        if not fields.accession_number or not has_worklist:
            return None
        return Item(fields.accession_number, fields.requested_procedure_id, fields.scheduled_procedure_step_id)

    def study_uid(self, hospital: str, order: Order) -> str:
        """That of the order; one that all photos of the order arrive at where it has none."""
        item = order.item
        numbers = (item.accession_number, item.requested_procedure_id)
        patient = (order.issuer_of_patient_id, order.patient_id)
        return order.study_instance_uid or derived_uid(
            hospital, "order", *numbers, *patient, root=self.site.uid_root or ""
        )


def with_order(fields: PhotoFields, order: Order, study_uid: str) -> tuple[PhotoFields, tuple[str, ...]]:
    """The fields with everything that the order says, and those typed ones that it replaces.

    Of a photo for a case the study stays the case's. Raises OrderRefused where the two are not of the same patient or
    order.
    """
    told = dict(told_by_order(order, study_uid))
    if fields.case_id is not None:
        told.pop("study_instance_uid")
    said = fields.said()
    replaced = [name for name, value in told.items() if name in said and not _agree(name, str(said[name]), value)]
    faults = [_fault(name, _CONTRADICTION) for name in replaced if name not in (*_NAMES, *_DESCRIPTIVE)]
    if faults:
        raise OrderRefused(*faults)
    said.pop("worklist_item", None)
    return kept_fields({**said, **told}), tuple(replaced)


_CONTRADICTION = "is not what the worklist says: the order is another one, or another patient's"


def _named(fields: PhotoFields) -> Item:
    try:
        item = item_of(fields.worklist_item)
    except InvalidItem as error:
        raise OrderRefused(_fault("worklist_item", str(error))) from error
    if fields.accession_number not in ("", item.accession_number):
        raise OrderRefused(_fault("accession_number", "is not that of the worklist item"))
    return item


def told_by_order(order: Order, study_uid: str) -> Iterator[tuple[str, str]]:
    """What an order says, by the names of fields; what it leaves open is not in it."""
    born = order.patient_birth_date
    values: Mapping[str, str] = {
        "patient_id": order.patient_id,
        "issuer_of_patient_id": order.issuer_of_patient_id,
        "patient_name": order.patient_name,
        "patient_birth_date": "" if born is None else born.isoformat(),
        "patient_sex": order.patient_sex or "",
        "accession_number": order.item.accession_number,
        "study_instance_uid": study_uid,
        "admission_id": order.admission_id,
        "study_description": order.requested_procedure_description,
        "referring_physician": order.referring_physician,
        "requesting_service": order.requesting_service,
        "requested_procedure_id": order.item.requested_procedure_id,
        "scheduled_procedure_step_id": order.item.scheduled_procedure_step_id,
    }
    return ((name, value) for name, value in values.items() if value)


def _agree(name: str, said: str, told: str) -> bool:
    if name in _NAMES:
        return person_name(said).casefold() == person_name(told).casefold()
    return single_line(said, _LONGEST) == single_line(told, _LONGEST)


def _fault(field: str, words: str) -> dict[str, str]:
    return {"field": field, "fault": words}
