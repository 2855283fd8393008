"""The object a photo would become: placed, converted, written and synced, while the models still look at it.

Nothing knows of it until the transaction that archives it; an unusable photo's object is discarded.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.archive.storage import Kind, ObjectStorage, PendingObject
from gateway.config import Settings
from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import ObjectFacts
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.database import Database
from gateway.intake.facts import device_facts, instance_uid, object_facts
from gateway.intake.placing import Arrival, Plan, plan
from gateway.intake.request import PhotoFields
from gateway.intake.tables import SubmissionRow

_PATIENT_FIELDS = ("patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A photo's clean picture and the object made of it; durable, and known to nobody.

    `own_picture` holds the picture by itself where it does not lie in the DICOM object as it is.
    """

    picture: CleanPicture
    planned: Plan
    facts: ObjectFacts
    dicom: DicomObject
    staged: StagedObject
    own_picture: PendingObject | None


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

    def place(self, arrival: Arrival, scope: Scope, picture: CleanPicture) -> Prepared:
        """Make the object of a clean picture, at the place that is free now; raises as `prepare` does."""
        with self._database.read() as session:
            planned = plan(session, scope, arrival, self._settings.site)
            fields = _inherited(session, arrival.fields, planned)
        facts, dicom = self._convert(arrival, fields, picture, planned)
        staged = self._archive.stage(dicom.parts)
        try:
            return Prepared(picture, planned, facts, dicom, staged, self._written_apart(picture))
        except BaseException:
            staged.discard()
            raise

    @staticmethod
    def forget(prepared: Prepared) -> None:
        """Give up an object that no transaction was to make known."""
        prepared.staged.discard()
        if prepared.own_picture is not None:
            prepared.own_picture.discard()

    def _convert(
        self, arrival: Arrival, fields: PhotoFields, picture: CleanPicture, planned: Plan
    ) -> tuple[ObjectFacts, DicomObject]:
        site = self._settings.site
        sop_class = choose_sop_class(
            fields.kind,
            device_facts(fields),
            picture.exif,
            secondary_capture=self._settings.intake.store_as == "secondary_capture",
        )
        facts = object_facts(
            fields,
            site=site,
            case=planned.case,
            place=planned.place,
            sop_instance_uid=instance_uid(arrival.hospital, arrival.submission_id, sop_class, site.uid_root or ""),
            received_at=arrival.received_at,
            software_version=self._software_version,
        )
        return facts, photo_to_dicom(picture, facts, sop_class)

    def _written_apart(self, picture: CleanPicture) -> PendingObject | None:
        if picture.native is None:
            return None
        pending = self._storage.begin(Kind.PNG)
        try:
            pending.write(picture.stream)
            pending.finish()
        except BaseException:
            pending.discard()
            raise
        return pending


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
