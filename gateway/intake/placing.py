"""Which case and place a photo gets: planned from what can be read, taken in the transaction that archives it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.config import SiteSettings
from gateway.conversion.facts import SopClass
from gateway.conversion.uids import derived_uid
from gateway.database import UnitOfWork
from gateway.intake.facts import discriminator, is_identified, patient_key, series_uid
from gateway.intake.request import PhotoFields
from gateway.review.cases import check_patient, find_case, find_case_of_study, open_case, plan_place, take_place
from gateway.review.places import Case, Place


@dataclass(frozen=True, slots=True)
class Plan:
    """A case, opened already or not, and a place in it."""

    case: Case
    place: Place
    is_new: bool
    discriminator: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What placing needs to know of a photo."""

    submission_id: str
    hospital: str
    fields: PhotoFields
    received_at: datetime


def plan(session: Session, scope: Scope, arrival: Arrival, sop_class: SopClass, site: SiteSettings) -> Plan:
    """Plan where a photo of this class goes; raises UnknownCase, CaseConflict."""
    case = _existing_case(session, scope, arrival, site)
    is_new = case is None
    if case is None:
        case = _new_case(arrival, site)
    kind = discriminator(arrival.fields, sop_class)
    begun = series_uid(arrival.hospital, case, kind, site.uid_root or "")
    return Plan(case, plan_place(session, case.id, kind, begun), is_new, kind)


def take(unit_of_work: UnitOfWork, planned: Plan) -> None:
    """Make a plan true; raises PlaceTaken, after which the transaction must be rolled back."""
    if planned.is_new:
        open_case(unit_of_work, planned.case)
    take_place(unit_of_work, planned.case, planned.discriminator, planned.place)


def _existing_case(session: Session, scope: Scope, arrival: Arrival, site: SiteSettings) -> Case | None:
    fields = arrival.fields
    if fields.case_id is not None:
        case: Case | None = find_case(session, scope, fields.case_id)
    elif fields.study_instance_uid is not None:
        case = find_case_of_study(session, arrival.hospital, fields.study_instance_uid)
    else:
        return None
    # A further photo of a case need not say again whose case it is.
    if case is not None and is_identified(fields):
        check_patient(case, patient_key(fields, site, arrival.hospital, arrival.submission_id))
    return case


def _new_case(arrival: Arrival, site: SiteSettings) -> Case:
    fields = arrival.fields
    # The case takes the submission's id: a retry after a crash opens the same case, not a second one.
    study = fields.study_instance_uid or derived_uid(
        arrival.hospital, "study", arrival.submission_id, root=site.uid_root or ""
    )
    return Case(
        id=arrival.submission_id,
        patient=patient_key(fields, site, arrival.hospital, arrival.submission_id),
        study_instance_uid=study,
        accession_number=fields.accession_number,
        started_at=fields.captured_at or arrival.received_at,
    )
