"""Which case and place a photo gets: planned from what can be read, taken in the transaction that archives it.

A further photo of a study takes over what its objects say of patient, visit and study, as the archive holds them now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.archive.known_study import ACCESSION_NUMBER, KnownStudy, known_study
from gateway.config import SiteSettings
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import SopClass, StudyBegin
from gateway.conversion.photo import device_of
from gateway.conversion.uids import derived_uid
from gateway.database import UnitOfWork
from gateway.intake.facts import device_facts, discriminator, is_identified, patient_key, series_uid
from gateway.intake.joining import began_at, joined_fields, joined_patient, study_begin, with_issuer
from gateway.intake.request import CLOCKS_DIFFER, PhotoFields
from gateway.review.cases import (
    PlaceTaken,
    UnknownCase,
    check_patient,
    fill_accession_number,
    find_case,
    find_case_of_study,
    issuer_of_lesions,
    lock_case,
    open_case,
    plan_place,
    take_place,
)
from gateway.review.places import Case, Patient, Place


@dataclass(frozen=True, slots=True)
class Arrival:
    """What placing needs to know of a photo; `order_note` is what was found out of the order it was taken for."""

    submission_id: str
    hospital: str
    fields: PhotoFields
    received_at: datetime
    order_note: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """What its picture adds: the class that it is stored as, and what its camera wrote."""

    sop_class: SopClass
    exif: ExifFacts


@dataclass(frozen=True, slots=True)
class Plan:
    """A case, opened already or not, a place in it, and all that is said of the photo, by its sender or by the study.

    `begin` is what the study's objects say of it, None where it has none; `is_taken` says that the place is the
    photo's already.
    """

    case: Case
    place: Place
    is_new: bool
    discriminator: str
    fields: PhotoFields
    begin: StudyBegin | None
    lesion_issuer: str | None
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class Placing:
    """Plans and takes places, by the site's settings."""

    site: SiteSettings

    def plan(self, session: Session, scope: Scope, arrival: Arrival, looks: Looks) -> Plan:
        """Plan where a photo goes; raises UnknownCase, CaseConflict."""
        existing = self._existing_case(session, scope, arrival)
        known = self._known_study(session, scope, arrival, existing)
        case = existing or self._new_case(arrival, looks)
        case, fields = self._joined(arrival, case, known)
        if existing is None and known is not None:
            case = replace(case, started_at=began_at(study_begin(known.texts), self.site.zone) or case.started_at)
        device = device_of(device_facts(fields), looks.exif)
        kind = discriminator(fields, looks.sop_class, device)
        begun = series_uid(arrival.hospital, case, kind, self.site.uid_root or "")
        used = frozenset[int]() if known is None else known.series_numbers
        return Plan(
            case=case,
            place=plan_place(session, case.id, kind, begun, used),
            is_new=existing is None,
            discriminator=kind,
            fields=fields,
            begin=None if known is None else study_begin(known.texts),
            lesion_issuer=issuer_of_lesions(session, case.patient) if fields.lesion_id else None,
        )

    def reserve(self, unit_of_work: UnitOfWork, scope: Scope, arrival: Arrival, looks: Looks, earlier: Plan) -> Plan:
        """Plan anew and take the place at once, so that nobody can be quicker; `earlier` is the plan that failed.

        A place that was taken before stays the photo's. Raises UnknownCase, CaseConflict, PlaceTaken.
        """
        session = unit_of_work.session
        if case := self._existing_case(session, scope, arrival):
            lock_case(session, case.id)
        planned = self.plan(session, scope, arrival, looks)
        if earlier.is_taken:
            return replace(planned, place=earlier.place, is_taken=True)
        if planned.is_new:
            return planned
        take_place(unit_of_work, planned.case, planned.discriminator, planned.place)
        return replace(planned, is_taken=True)

    def take(self, unit_of_work: UnitOfWork, planned: Plan) -> None:
        """Make a plan true.

        Raises PlaceTaken where the place, or what the study says, is another by now, and CaseConflict where that
        contradicts the photo; the transaction must be rolled back then.
        """
        session, case = unit_of_work.session, planned.case
        if not planned.is_new:
            lock_case(session, case.id)
        self._check_unchanged(session, planned)
        if planned.is_new:
            open_case(unit_of_work, case)
        elif case.accession_number:
            fill_accession_number(unit_of_work, case.id, case.accession_number)
        if not planned.is_taken:
            take_place(unit_of_work, case, planned.discriminator, planned.place)

    def _check_unchanged(self, session: Session, planned: Plan) -> None:
        known = known_study(session, planned.case.patient.hospital, planned.case.study_instance_uid)
        if known is None:
            if planned.begin is not None:
                raise PlaceTaken
            return
        patient = planned.case.patient
        by_now = with_issuer(joined_patient(patient, known), patient.issuer_of_patient_id)
        fields = joined_fields(planned.fields, known.texts)
        if (study_begin(known.texts), by_now, fields) != (planned.begin, patient, planned.fields):
            raise PlaceTaken

    def _existing_case(self, session: Session, scope: Scope, arrival: Arrival) -> Case | None:
        fields = arrival.fields
        if fields.case_id is not None:
            return find_case(session, scope, fields.case_id)
        if fields.study_instance_uid is not None:
            return find_case_of_study(session, scope, arrival.hospital, fields.study_instance_uid)
        return None

    @staticmethod
    def _known_study(session: Session, scope: Scope, arrival: Arrival, existing: Case | None) -> KnownStudy | None:
        """What the archive has of the photo's study, that is there before it; raises UnknownCase."""
        uid = arrival.fields.study_instance_uid if existing is None else existing.study_instance_uid
        known = None if uid is None else known_study(session, arrival.hospital, uid)
        if existing is None and known is not None and scope.patient not in (None, str(known.patient_row_id)):
            raise UnknownCase("there is no such case")
        return known

    def _joined(self, arrival: Arrival, case: Case, known: KnownStudy | None) -> tuple[Case, PhotoFields]:
        """The case and the photo's fields, agreed with each other and with the study; raises CaseConflict."""
        texts = {ACCESSION_NUMBER: case.accession_number} if known is None else known.texts
        fields = joined_fields(arrival.fields, texts)
        case = replace(case, patient=joined_patient(case.patient, known), accession_number=fields.accession_number)
        # A further photo of a case need not say again whose case it is.
        said = Patient(arrival.hospital, case.patient.issuer_of_patient_id, case.patient.patient_id)
        if is_identified(fields):
            said = patient_key(fields, self.site, arrival.hospital, arrival.submission_id)
        check_patient(case, said)
        return replace(case, patient=with_issuer(case.patient, said.issuer_of_patient_id)), fields

    def _new_case(self, arrival: Arrival, looks: Looks) -> Case:
        fields, hospital = arrival.fields, arrival.hospital
        # The case takes the submission's id: a retry after a crash opens the same case, not a second one.
        study = fields.study_instance_uid or derived_uid(
            hospital, "study", arrival.submission_id, root=self.site.uid_root or ""
        )
        return Case(
            id=arrival.submission_id,
            patient=patient_key(fields, self.site, hospital, arrival.submission_id),
            study_instance_uid=study,
            accession_number=fields.accession_number,
            started_at=self._taken_at(arrival, looks),
        )

    def _taken_at(self, arrival: Arrival, looks: Looks) -> datetime:
        """When the photo was taken: as its sender says, else as its camera, unless that lived in the future."""
        if arrival.fields.captured_at is not None:
            return arrival.fields.captured_at
        clock = looks.exif.taken
        taken = None if clock is None else clock.at(self.site.zone)
        return arrival.received_at if taken is None or taken > arrival.received_at + CLOCKS_DIFFER else taken
