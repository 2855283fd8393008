"""The way of a video: kept as it arrives, and in the background made a clean one whose sharpest frames are judged.

It is usable where any of the frames is. The one the suitability model is surest of stands for the video: its
ranking is the video's, and its picture is what people see first.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from gateway.access.caller import Caller, Permission, Role, Scope
from gateway.archive.settling import sweep_removed
from gateway.archive.storage import ObjectStorage
from gateway.config import Settings
from gateway.conversion.picture import CleanPicture
from gateway.conversion.video.job import Still
from gateway.conversion.video.running import CleanVideo, clean_video
from gateway.conversion.video.workplace import tidy
from gateway.database import Database
from gateway.intake import idempotency
from gateway.intake.accepting import Acceptance
from gateway.intake.context import patient_context
from gateway.intake.judging import PhotoJudge, Verdict
from gateway.intake.keeping import keep_for_later, reject
from gateway.intake.ordered import OrderTaking
from gateway.intake.outcome import Answer, Work
from gateway.intake.placing import Arrival
from gateway.intake.preparing import Preparation
from gateway.intake.replaying import earlier
from gateway.intake.request import PhotoFields, kept_fields, request_sha256
from gateway.intake.tables import SubmissionRow
from gateway.intake.turns import Turns
from gateway.intake.video_upload import VideoDrop
from gateway.intake.wishes import video_wishes
from gateway.language import Language

WORKPLACE = "working"
"""The folder within the storage's that videos are worked on in."""
WORK_SECONDS = 900.0
"""How long the process that works on one video may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoIntake:
    """Takes videos in."""

    database: Database
    storage: ObjectStorage
    judge: PhotoJudge
    preparation: Preparation
    acceptance: Acceptance
    turns: Turns
    orders: OrderTaking
    settings: Settings

    def drop(self) -> VideoDrop:
        """A place for the video that a request may bring."""
        return VideoDrop(self.storage)

    def post(
        self,
        caller: Caller,
        fields: PhotoFields,
        drop: VideoDrop,
        *,
        language: Language,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Keep the video that was dropped durably, to be worked on in the background.

        Raises NotPermitted, KeyInFlight, KeyReused, PhotoGone, OrderRefused, UnknownCase, CaseConflict, StorageError.
        """
        scope = caller.require(Permission.SUBMIT_PHOTOS)
        claim = None
        if idempotency_key is not None:
            digest = request_sha256(fields, drop.sha256)
            claimed = idempotency.claim(self.database, caller, idempotency_key, digest)
            if isinstance(claimed, idempotency.EarlierAnswer):
                return earlier(self.database, caller, claimed, language)
            claim = claimed
        with idempotency.released_on_failure(self.database, claim):
            arrival = self.orders.arrival(caller, fields)
            self.preparation.check_case(arrival, scope)
            return keep_for_later(self.database, Work(arrival, caller, b"", language, claim), drop.take())

    def process_kept(self, row: SubmissionRow, stream: BinaryIO) -> None:
        """Work on a kept video, for whoever posted it.

        Raises conversion's and inference's PictureError, ModelFailed, NoModelServes, InvalidFactsError, UnknownCase,
        CaseConflict, StoreRefused, StorageError, Withdrawn, VideoWorkHindered, VideoWorkDied.
        """
        self.judge.check_ready()
        caller = Caller(row.caller_id, frozenset({Role.APP}), frozenset({row.hospital_id}), row.patient)
        fields = kept_fields(row.fields)
        arrival = Arrival(row.id, row.hospital_id, fields, row.received_at)
        work = Work(arrival, caller, b"", self.settings.site.language, kept=True)
        wishes = video_wishes(self.settings.intake)
        with clean_video(stream, wishes, self._workplace, seconds=WORK_SECONDS) as video:
            self._take(work, caller.require(Permission.SUBMIT_PHOTOS), video)

    def tidy(self) -> None:
        """Remove what processes that were killed left of their work."""
        tidy(self._workplace)

    @property
    def _workplace(self) -> Path:
        """Beside the objects: patients' videos lie nowhere else."""
        return Path(self.settings.archive.storage) / WORKPLACE

    def _take(self, work: Work, scope: Scope, video: CleanVideo) -> None:
        verdict, still = self._judged(work.arrival, video)
        picture = _picture(video, still)
        if verdict.ranking is None:
            _, keys = reject(self.database, self.storage, work, verdict, picture)
        else:
            prepared = self.preparation.place(work.arrival, scope, picture, video)
            _, keys = self.acceptance.accept(work, scope, verdict, prepared)
        sweep_removed(self.database, self.storage, keys)

    def _judged(self, arrival: Arrival, video: CleanVideo) -> tuple[Verdict, Still]:
        """The verdict on the best frame, and that frame."""
        context = patient_context(arrival.fields, arrival.received_at)
        with self.turns.take(video.facts.rows * video.facts.columns):
            judged = [(self.judge.judge(still.jpeg, context), still) for still in video.stills]
        verdict, still = max(judged, key=lambda each: (each[0].judgement.usable, each[0].judgement.probability))
        return replace(verdict, frame=still.number), still


def _picture(video: CleanVideo, still: Still) -> CleanPicture:
    """A frame as a picture: the video's pixels, compressed once more."""
    return CleanPicture(
        media_type="image/jpeg",
        stream=still.jpeg,
        rows=video.facts.rows,
        columns=video.facts.columns,
        samples=3,
        photometric_interpretation="YBR_FULL_422",
        lossy=video.facts.lossy,
        derived=True,
        exif=video.facts.exif,
    )
