"""The way of a photo: judged, and then either kept as rejected or archived, queued for delivery and referred.

The object is written and synced first, while the models look at the photo; one transaction then makes everything true
at once: the index rows, the deliveries, the referral, the submission, the event and the answer to the Idempotency-Key.
Whatever dies before that leaves nothing but a pending object, which the next start removes.
"""

from concurrent.futures import ThreadPoolExecutor

from gateway.access.caller import Caller, Permission, Role, Scope
from gateway.archive.service import ArchiveService
from gateway.archive.settling import sweep_removed
from gateway.archive.storage import Kind, ObjectStorage
from gateway.config import Settings
from gateway.database import Database
from gateway.events.log import EventType, record
from gateway.intake import idempotency
from gateway.intake.accepting import Acceptance
from gateway.intake.context import patient_context
from gateway.intake.judging import PhotoJudge, Verdict
from gateway.intake.keeping import keep_for_later, reject
from gateway.intake.ordered import OrderTaking
from gateway.intake.outcome import Answer, Work
from gateway.intake.pictures import give_up_objects
from gateway.intake.placing import Arrival
from gateway.intake.preparing import Preparation, Prepared
from gateway.intake.replaying import earlier
from gateway.intake.reporting import Reporting
from gateway.intake.request import PhotoFields, kept_fields, request_sha256
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.intake.turns import Turns
from gateway.intake.videos import VideoIntake
from gateway.language import Language
from gateway.library.resemblance.answering import Illustrating
from gateway.serving.models import ServedModels
from gateway.serving.shadow import ShadowJudge
from gateway.worklists.asking import HospitalWorklist
from inference.picture import picture_pixels, sniff_format


class Intake:
    """Takes photos in."""

    def __init__(
        self,
        *,
        database: Database,
        archive: ArchiveService,
        storage: ObjectStorage,
        models: ServedModels,
        shadow: ShadowJudge,
        settings: Settings,
        software_version: str,
        worklist: HospitalWorklist,
        illustrating: Illustrating,
    ) -> None:
        self._database = database
        self._storage = storage
        self._settings = settings
        self.orders = OrderTaking(worklist, settings.site)
        self._turns = Turns(settings.intake.max_concurrent)
        self._judge = PhotoJudge(models, shadow, settings.models, settings.intake.max_pixels)
        self._preparation = Preparation(
            database=database,
            archive=archive,
            storage=storage,
            settings=settings,
            software_version=software_version,
        )
        reporting = Reporting(archive, settings)
        self._acceptance = Acceptance(database, archive, self._preparation, reporting, illustrating, settings)
        self._preparing = ThreadPoolExecutor(settings.intake.max_concurrent, "preparing")
        self.videos = VideoIntake(
            database=database,
            storage=storage,
            judge=self._judge,
            preparation=self._preparation,
            acceptance=self._acceptance,
            turns=self._turns,
            orders=self.orders,
            settings=settings,
        )

    def close(self) -> None:
        """End the threads; what was begun is finished first."""
        self._preparing.shutdown()

    def post(
        self,
        caller: Caller,
        fields: PhotoFields,
        photo: bytes,
        *,
        language: Language,
        idempotency_key: str | None = None,
        later: bool = False,
    ) -> Answer:
        """Take one photo in; with `later` it is only kept durably and processed in the background.

        Raises NotPermitted, KeyInFlight, KeyReused, PhotoGone, OrderRefused, UnknownCase, CaseConflict, StoreRefused,
        the picture errors of inference and conversion, InvalidFactsError, StorageError.
        """
        scope = caller.require(Permission.SUBMIT_PHOTOS)
        sniff_format(photo)  # what is no picture is refused here, also where the rest is done later
        claim = None
        if idempotency_key is not None:
            claimed = idempotency.claim(self._database, caller, idempotency_key, request_sha256(fields, photo))
            if isinstance(claimed, idempotency.EarlierAnswer):
                return earlier(self._database, caller, claimed, language)
            claim = claimed
        with idempotency.released_on_failure(self._database, claim):
            work = Work(self.orders.arrival(caller, fields), caller, photo, language, claim)
            if not later:
                return self._process(work, scope)
            self._preparation.check_case(work.arrival, scope)
            return self._keep_for_later(work)

    def process_kept(self, row: SubmissionRow, photo: bytes) -> None:
        """Process a photo that was kept for later, for whoever posted it; raises as `post` does, and Withdrawn."""
        caller = Caller(row.caller_id, frozenset({Role.APP}), frozenset({row.hospital_id}), row.patient)
        arrival = Arrival(row.id, row.hospital_id, kept_fields(row.fields), row.received_at)
        work = Work(arrival, caller, photo, self._settings.site.language, kept=True)
        self._process(work, caller.require(Permission.SUBMIT_PHOTOS))

    def give_up(self, submission_id: str, code: str, detail: str) -> None:
        """End a photo that was kept for later and cannot be processed: rejected, with the problem."""
        with self._database.write() as unit_of_work:
            row = unit_of_work.session.get(SubmissionRow, submission_id, with_for_update=True)
            if row is None:  # deleted meanwhile
                return
            row.state = SubmissionState.REJECTED.value
            row.problem = {"code": code, "detail": detail}
            keys = give_up_objects(unit_of_work, row)
            subject = f"photo/{row.id}"
            data = {"reasons": [], "problem": code}
            record(unit_of_work, EventType.PHOTO_REJECTED, hospital=row.hospital_id, subject=subject, data=data)
        sweep_removed(self._database, self._storage, keys)

    def _process(self, work: Work, scope: Scope) -> Answer:
        with self._turns.take(picture_pixels(work.photo)):
            verdict, prepared = self._judge_and_prepare(work, scope)
        if verdict.ranking is None:
            self._preparation.forget(prepared)
            given, keys = reject(self._database, self._storage, work, verdict, prepared.picture)
        else:
            given, keys = self._acceptance.accept(work, scope, verdict, prepared)
        sweep_removed(self._database, self._storage, keys)
        return given

    def _judge_and_prepare(self, work: Work, scope: Scope) -> tuple[Verdict, Prepared]:
        """Run the models, and meanwhile make the object that the photo becomes if they find it usable."""
        arrival = work.arrival
        preparing = self._preparing.submit(self._preparation.prepare, arrival, scope, work.photo)
        try:
            verdict = self._judge.judge(work.photo, patient_context(arrival.fields, arrival.received_at))
        except BaseException:
            if preparing.exception() is None:
                self._preparation.forget(preparing.result())
            raise
        return verdict, preparing.result()

    def _keep_for_later(self, work: Work) -> Answer:
        pending = self._storage.begin(Kind.UPLOAD)
        try:
            pending.write(work.photo)
        except BaseException:
            pending.discard()
            raise
        return keep_for_later(self._database, work, pending)
