"""The object a photo would become: placed, converted, written and synced, while the models still look at it.

Nothing knows of it until the transaction that archives it; an unusable photo's object is discarded.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.archive.storage import Kind, ObjectStorage, PendingObject
from gateway.config import Settings
from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import ObjectFacts, SopClass
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.conversion.video.running import CleanVideo
from gateway.conversion.video.to_dicom import video_to_dicom
from gateway.database import Database
from gateway.intake.facts import device_facts, instance_uid, object_facts
from gateway.intake.placing import Arrival, Plan, plan
from gateway.intake.request import PhotoFields
from gateway.intake.tables import SubmissionRow

KINDS = {"image/jpeg": Kind.JPEG, "image/png": Kind.PNG}
"""As what a picture is kept by itself."""
_PATIENT_FIELDS = ("patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A photo's clean picture and the object made of it; durable, and known to nobody.

    `own_picture` holds the picture by itself where it does not lie in the DICOM object as it is. Of a video,
    `picture` is the frame that was judged.
    """

    picture: CleanPicture
    planned: Plan
    facts: ObjectFacts
    dicom: DicomObject
    staged: StagedObject
    own_picture: PendingObject | None
    video: CleanVideo | None = None


class Preparation:
    """Makes and forgets prepared objects."""

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

    def prepare(self, arrival: Arrival, scope: Scope, photo: bytes) -> Prepared:
        """Make the object of a posted photo; whoever calls this archives or forgets it in the end.

        Raises conversion's PictureError and InvalidFactsError, UnknownCase, CaseConflict, StoreRefused, StorageError.
        """
        picture = clean_picture(photo, max_pixels=self._settings.intake.max_pixels)
        return self.place(arrival, scope, picture)

    def place(self, arrival: Arrival, scope: Scope, picture: CleanPicture, video: CleanVideo | None = None) -> Prepared:
        """Make the object of a clean picture or video, at the place that is free now; raises as `prepare` does."""
        sop_class = self._sop_class(arrival.fields, picture, video)
        with self._database.read() as session:
            planned = plan(session, scope, arrival, sop_class, self._settings.site)
            fields = _inherited(session, arrival.fields, planned)
        facts = self._facts(arrival, fields, planned, sop_class)
        with _converted(picture, video, facts, sop_class) as dicom:
            staged = self._archive.stage(dicom.parts)
        try:
            own_picture = None if video is None and picture.native is None else self._written_apart(picture)
            return Prepared(picture, planned, facts, replace(dicom, parts=()), staged, own_picture, video)
        except BaseException:
            staged.discard()
            raise

    @staticmethod
    def forget(prepared: Prepared) -> None:
        """Give up an object that no transaction was to make known."""
        prepared.staged.discard()
        if prepared.own_picture is not None:
            prepared.own_picture.discard()

    def _sop_class(self, fields: PhotoFields, picture: CleanPicture, video: CleanVideo | None) -> SopClass:
        if video is not None:
            return SopClass.VIDEO_PHOTOGRAPHIC
        return choose_sop_class(
            fields.kind,
            device_facts(fields),
            picture.exif,
            secondary_capture=self._settings.intake.store_as == "secondary_capture",
            frames=picture.frames,
        )

    def _facts(self, arrival: Arrival, fields: PhotoFields, planned: Plan, sop_class: SopClass) -> ObjectFacts:
        site = self._settings.site
        return object_facts(
            fields,
            site=site,
            case=planned.case,
            place=planned.place,
            sop_instance_uid=instance_uid(arrival.hospital, arrival.submission_id, sop_class, site.uid_root or ""),
            received_at=arrival.received_at,
            software_version=self._software_version,
        )

    def _written_apart(self, picture: CleanPicture) -> PendingObject:
        pending = self._storage.begin(KINDS[picture.media_type])
        try:
            pending.write(picture.stream)
            pending.finish()
        except BaseException:
            pending.discard()
            raise
        return pending


def _converted(
    picture: CleanPicture, video: CleanVideo | None, facts: ObjectFacts, sop_class: SopClass
) -> AbstractContextManager[DicomObject]:
    """The object, to be written within the block."""
    if video is not None:
        return video_to_dicom(video, facts)
    return nullcontext(photo_to_dicom(picture, facts, sop_class))


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
