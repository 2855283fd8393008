"""A usable photo: placed in its case, made into a DICOM object, archived, queued, referred - in one durable step."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Permission, Scope
from gateway.archive.indexing import AlreadyStored, IndexedInstance, Origin, Sender
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.archive.storage import Kind, ObjectStorage, PendingObject
from gateway.config import Settings
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.database import Database, UnitOfWork
from gateway.delivery.enqueue import enqueue
from gateway.events.log import EventType
from gateway.intake.facts import device_facts, instance_uid, is_identified, object_facts
from gateway.intake.judging import JudgedPhoto
from gateway.intake.outcome import Answer, Work, answer, note_models, note_picture, submission_row, tell
from gateway.intake.pictures import give_up_objects
from gateway.intake.placing import Arrival, Plan, plan, take
from gateway.intake.request import PhotoFields
from gateway.intake.settled import settled
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.review.cases import PlaceTaken
from gateway.review.referrals import refer, shown_referral
from inference.disease import Ranking

MAX_PLANS = 8
"""How often a photo is placed where others of the same case are quicker."""

_PATIENT_FIELDS = ("patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex")


@dataclass(frozen=True, slots=True)
class _Accepted:
    """Everything that one transaction makes true."""

    work: Work
    judged: JudgedPhoto
    ranking: Ranking
    planned: Plan
    dicom: DicomObject
    staged: StagedObject
    own_picture: PendingObject | None


class Acceptance:
    """Takes usable photos into the archive."""

    def __init__(
        self,
        *,
        database: Database,
        archive: ArchiveService,
        storage: ObjectStorage,
        settings: Settings,
        software_version: str,
    ) -> None:
        self._database = database
        self._archive = archive
        self._storage = storage
        self._settings = settings
        self._software_version = software_version

    def accept(self, work: Work, scope: Scope, judged: JudgedPhoto, ranking: Ranking) -> tuple[Answer, list[str]]:
        """Archive a photo; the answer, and the keys of objects that are to be swept.

        Raises UnknownCase, CaseConflict, PlaceTaken, InvalidFactsError, StoreRefused, StorageError.
        """
        for _ in range(MAX_PLANS):
            try:
                return self._accept(work, scope, judged, ranking)
            except PlaceTaken:
                continue
        raise PlaceTaken("too many photos of this case arrive at the same time; post it again")

    def _accept(self, work: Work, scope: Scope, judged: JudgedPhoto, ranking: Ranking) -> tuple[Answer, list[str]]:
        with self._database.read() as session:
            planned = plan(session, scope, work.arrival, self._settings.site)
            fields = _inherited(session, work.arrival.fields, planned)
        dicom = self._convert(work.arrival, fields, judged.picture, planned)
        own_picture = self._begun_picture(judged.picture)
        with settled(own_picture), self._archive.staged(dicom.parts) as staged:
            if own_picture is not None:
                own_picture.write(judged.picture.stream)
                own_picture.finish()
            accepted = _Accepted(work, judged, ranking, planned, dicom, staged, own_picture)
            with self._database.write() as unit_of_work:
                return self._make_true(unit_of_work, accepted)

    def _convert(self, arrival: Arrival, fields: PhotoFields, picture: CleanPicture, planned: Plan) -> DicomObject:
        site = self._settings.site
        sop_class = choose_sop_class(fields.kind, device_facts(fields), picture.exif)
        facts = object_facts(
            fields,
            site=site,
            case=planned.case,
            place=planned.place,
            sop_instance_uid=instance_uid(arrival.hospital, arrival.submission_id, sop_class, site.uid_root or ""),
            received_at=arrival.received_at,
            software_version=self._software_version,
        )
        return photo_to_dicom(picture, facts, sop_class)

    def _begun_picture(self, picture: CleanPicture) -> PendingObject | None:
        """A place for the picture by itself, where it does not lie in the DICOM object as it is."""
        return None if picture.native is None else self._storage.begin(Kind.PNG)

    def _make_true(self, unit_of_work: UnitOfWork, accepted: _Accepted) -> tuple[Answer, list[str]]:
        work, planned = accepted.work, accepted.planned
        hospital = work.arrival.hospital
        take(unit_of_work, planned)
        sender = Sender(Origin.INTAKE, work.caller.id)
        instance = self._archive.index(
            unit_of_work,
            work.caller,
            accepted.staged,
            sender=sender,
            hospital=hospital,
            under=Permission.SUBMIT_PHOTOS,
        )
        row = submission_row(unit_of_work, work, SubmissionState.ACCEPTED)
        keys = give_up_objects(unit_of_work, row)
        _note(row, accepted, instance)
        destinations = self._queue(unit_of_work, work, instance)
        reasons = accepted.ranking.referral_reasons
        if reasons:
            refer(unit_of_work, hospital=hospital, case_id=planned.case.id, reasons=reasons)
        unit_of_work.session.flush()
        referral = shown_referral(unit_of_work.session, planned.case.id)
        tell(unit_of_work, work, EventType.PHOTO_ACCEPTED, {"case_id": planned.case.id, **(row.dicom or {})})
        return answer(unit_of_work, work, row, status=201, referral=referral, destinations=destinations), keys

    def _queue(
        self, unit_of_work: UnitOfWork, work: Work, instance: IndexedInstance | AlreadyStored
    ) -> tuple[str, ...]:
        if isinstance(instance, AlreadyStored):
            return ()
        if self._settings.intake.unidentified == "hold" and not is_identified(work.arrival.fields):
            return ()
        return enqueue(
            unit_of_work,
            instance.hospital_id,
            instance.instance_id,
            instance.revision,
            self._settings.destinations,
        )


def _note(row: SubmissionRow, accepted: _Accepted, instance: IndexedInstance | AlreadyStored) -> None:
    dicom = accepted.dicom
    note_models(row, accepted.judged)
    if accepted.own_picture is None:
        length = len(accepted.judged.picture.stream)
        note_picture(row, accepted.staged.object_key, dicom.picture_offset, length, accepted.judged.picture.media_type)
    else:
        own = accepted.own_picture
        note_picture(row, own.key, 0, own.size_bytes, accepted.judged.picture.media_type)
    row.case_id = accepted.planned.case.id
    row.instance_id = instance.instance_id
    row.dicom = {
        "study_instance_uid": dicom.study_instance_uid,
        "series_instance_uid": dicom.series_instance_uid,
        "sop_instance_uid": dicom.sop_instance_uid,
        "sop_class_uid": dicom.sop_class_uid,
        "url": (
            f"/dicom-web/studies/{dicom.study_instance_uid}/series/{dicom.series_instance_uid}"
            f"/instances/{dicom.sop_instance_uid}"
        ),
    }


def _inherited(session: Session, fields: PhotoFields, planned: Plan) -> PhotoFields:
    """What a further photo of a case does not say of the patient, as the case's first photo said it."""
    if planned.is_new:
        return fields
    first = session.scalar(
        select(SubmissionRow.fields)
        .where(SubmissionRow.case_id == planned.case.id)
        .order_by(SubmissionRow.received_at)
        .limit(1)
    )
    said = fields.said()
    missing = {name: first[name] for name in _PATIENT_FIELDS if first and name in first and name not in said}
    return PhotoFields.model_validate({**said, **missing}) if missing else fields
