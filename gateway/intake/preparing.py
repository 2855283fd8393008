"""The object a photo would become: placed, converted, written and synced, while the models still look at it.

Nothing knows of it until the transaction that archives it; an unusable photo's object is discarded.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from gateway.access.caller import Scope
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.archive.storage import Kind, ObjectStorage, PendingObject
from gateway.config import Settings
from gateway.conversion.clean import clean_picture
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import ObjectFacts, SopClass
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.conversion.video.running import CleanVideo
from gateway.conversion.video.to_dicom import video_to_dicom
from gateway.database import Database
from gateway.intake.facts import device_facts, instance_uid, object_facts
from gateway.intake.placing import Arrival, Looks, Placing, Plan
from gateway.intake.request import PhotoFields

KINDS = {"image/jpeg": Kind.JPEG, "image/png": Kind.PNG}
"""As what a picture is kept by itself."""


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
        self.placing = Placing(settings.site)

    def check_case(self, arrival: Arrival, scope: Scope) -> None:
        """Raise UnknownCase or CaseConflict for what cannot be placed: before anybody is told that it is kept."""
        with self._database.read() as session:
            self.placing.plan(session, scope, arrival, Looks(SopClass.VL_PHOTOGRAPHIC, ExifFacts()))

    def prepare(self, arrival: Arrival, scope: Scope, photo: bytes) -> Prepared:
        """Make the object of a posted photo; whoever calls this archives or forgets it in the end.

        Raises conversion's PictureError and InvalidFactsError, UnknownCase, CaseConflict, StoreRefused, StorageError.
        """
        picture = clean_picture(photo, max_pixels=self._settings.intake.max_pixels)
        return self.place(arrival, scope, picture)

    def place(self, arrival: Arrival, scope: Scope, picture: CleanPicture, video: CleanVideo | None = None) -> Prepared:
        """Make the object of a clean picture or video, at the place that is free now; raises as `prepare` does."""
        looks = self._looks(arrival.fields, picture, video)
        with self._database.read() as session:
            planned = self.placing.plan(session, scope, arrival, looks)
        return self._made(arrival, planned, looks, picture, video)

    def place_again(self, arrival: Arrival, scope: Scope, earlier: Prepared) -> Prepared:
        """Make the object anew where others of its case were quicker, at a place that nobody can take from it."""
        picture, video = earlier.picture, earlier.video
        looks = self._looks(arrival.fields, picture, video)
        with self._database.write() as unit_of_work:
            planned = self.placing.reserve(unit_of_work, scope, arrival, looks, earlier.planned)
        return self._made(arrival, planned, looks, picture, video)

    def _made(
        self, arrival: Arrival, planned: Plan, looks: Looks, picture: CleanPicture, video: CleanVideo | None
    ) -> Prepared:
        facts = self._facts(arrival, planned, looks.sop_class)
        with _converted(picture, video, facts, looks.sop_class) as dicom:
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

    def _looks(self, fields: PhotoFields, picture: CleanPicture, video: CleanVideo | None) -> Looks:
        if video is not None:
            return Looks(SopClass.VIDEO_PHOTOGRAPHIC, picture.exif)
        sop_class = choose_sop_class(
            fields.kind,
            device_facts(fields),
            picture.exif,
            secondary_capture=self._settings.intake.store_as == "secondary_capture",
            frames=picture.frames,
        )
        return Looks(sop_class, picture.exif)

    def _facts(self, arrival: Arrival, planned: Plan, sop_class: SopClass) -> ObjectFacts:
        site = self._settings.site
        return object_facts(
            planned.fields,
            site=site,
            case=planned.case,
            place=planned.place,
            sop_instance_uid=instance_uid(arrival.hospital, arrival.submission_id, sop_class, site.uid_root or ""),
            received_at=arrival.received_at,
            software_version=self._software_version,
            begin=planned.begin,
            lesion_issuer=planned.lesion_issuer,
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
