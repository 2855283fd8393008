"""The way of a photo: judged, and then either kept as rejected or archived, queued for delivery and referred.

The object is written and synced first; one transaction then makes everything true at once: the index rows, the
deliveries, the referral, the submission, the event and the answer to the Idempotency-Key. Whatever dies before that
leaves nothing but a pending object, which the next start removes.
"""

import uuid
from dataclasses import dataclass

import orjson

from gateway.access.caller import Caller, Permission, Scope
from gateway.archive.service import ArchiveService
from gateway.archive.storage import Kind, ObjectStorage
from gateway.config import Settings
from gateway.database import Database, now
from gateway.events.log import EventType
from gateway.intake import idempotency
from gateway.intake.facts import patient_context
from gateway.intake.judging import JudgedPhoto, PhotoJudge
from gateway.intake.placing import Arrival, plan
from gateway.intake.request import PhotoFields, request_sha256
from gateway.intake.submission import NO_REFERRAL, SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.language import Language
from gateway.review.cases import PlaceTaken

MAX_PLANS = 8
"""How often a photo is placed anew where others of the same case are quicker."""

_NAMESPACE = uuid.UUID("6f0f4f3c-7f0e-4b52-9d3b-0f6a4dbf7d51")
_KINDS = {"image/jpeg": Kind.JPEG, "image/png": Kind.PNG}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a posted photo: an HTTP status, the JSON of the submission, and its id."""

    status: int
    body: bytes
    submission_id: str


@dataclass(frozen=True, slots=True)
class _Work:
    """One photo on its way, and who waits for the answer."""

    arrival: Arrival
    caller: Caller
    photo: bytes
    language: Language
    claim: idempotency.Claim | None
    upload_key: str | None = None


class Intake:
    """Takes photos in."""

    def __init__(
        self,
        database: Database,
        archive: ArchiveService,
        storage: ObjectStorage,
        judge: PhotoJudge,
        settings: Settings,
        software_version: str,
    ) -> None:
        self._database = database
        self._archive = archive
        self._storage = storage
        self._judge = judge
        self._settings = settings
        self._software_version = software_version

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

        Raises NotPermitted, KeyInFlight, KeyReused, UnknownCase, CaseConflict, StoreRefused, the picture errors of
        inference and conversion, InvalidFactsError, StorageError.
        """
        scope = caller.require(Permission.SUBMIT_PHOTOS)
        claim = None
        if idempotency_key is not None:
            claimed = idempotency.claim(self._database, caller, idempotency_key, request_sha256(fields, photo))
            if isinstance(claimed, idempotency.EarlierAnswer):
                return Answer(claimed.status, claimed.body, orjson.loads(claimed.body)["id"])
            claim = claimed
        arrival = Arrival(_submission_id(claim), caller.home, fields, now())
        work = _Work(arrival, caller, photo, language, claim)
        try:
            return self._keep_for_later(work) if later else self._process(work, scope)
        except BaseException:
            if claim is not None:
                idempotency.release(self._database, claim)
            raise

    def process_kept(self, row: SubmissionRow, caller: Caller, photo: bytes) -> None:
        """Process a photo that was kept for later; raises as `post` does."""
        fields = PhotoFields.model_validate(row.fields)
        arrival = Arrival(row.id, row.hospital_id, fields, row.received_at)
        language = self._settings.site.language
        work = _Work(arrival, caller, photo, language, claim=None, upload_key=row.upload_key)
        self._process(work, Scope(frozenset({row.hospital_id})))

    def _process(self, work: _Work, scope: Scope) -> Answer:
        arrival = work.arrival
        judged = self._judge.judge(work.photo, patient_context(arrival.fields, arrival.received_at))
        if judged.ranking is None:
            return self._reject(work, judged)
        for _ in range(MAX_PLANS - 1):
            try:
                return self._accept(work, scope, judged)
            except PlaceTaken:
                continue
        return self._accept(work, scope, judged)

    def _keep_for_later(self, work: _Work) -> Answer:
        pending = self._storage.begin(Kind.UPLOAD)
        try:
            pending.write(work.photo)
            pending.finish()
            with self._database.write() as unit_of_work:
                row = _row(work, SubmissionState.PROCESSING)
                row.upload_key = pending.key
                unit_of_work.session.add(row)
                self._audit(unit_of_work, work)
                answer = self._answer(unit_of_work, work, row, 202, NO_REFERRAL, ())
        except BaseException:
            pending.discard()
            raise
        pending.keep()
        return answer

    def _reject(self, work: _Work, judged: JudgedPhoto) -> Answer:
        picture = judged.picture
        pending = self._storage.begin(_KINDS[picture.media_type])
        try:
            pending.write(picture.stream)
            pending.finish()
            with self._database.write() as unit_of_work:
                row = self._finished_row(unit_of_work, work, SubmissionState.REJECTED, judged)
                _locate_picture(row, picture, pending.key, 0, len(picture.stream))
                reasons = [reason.code for reason in judged.judgement.reasons]
                self._record(unit_of_work, EventType.PHOTO_REJECTED, work, {"reasons": reasons})
                self._audit(unit_of_work, work)
                answer = self._answer(unit_of_work, work, row, 201, NO_REFERRAL, ())
        except BaseException:
            pending.discard()
            raise
        pending.keep()
        self._forget_upload(work)
        return answer

    def _accept(self, work: _Work, scope: Scope, judged: JudgedPhoto) -> Answer:
        with self._database.read() as session:
            planned = plan(session, scope, work.arrival, self._settings.site)
        dicom = self._convert(work.arrival, judged.picture, planned)
        staged = self._archive.stage(dicom)
