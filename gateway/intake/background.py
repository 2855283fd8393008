"""Photos that were answered with 202: processed one after the other, whatever dies in between."""

import logging
import threading
from datetime import timedelta

from sqlalchemy import ColumnElement, not_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from dicomweb.archive import StoreStatus
from gateway.archive.errors import StorageError, StoreRefused, UnknownObject
from gateway.archive.storage import Kind, ObjectStorage
from gateway.conversion.errors import ConversionError
from gateway.conversion.video.errors import VideoWorkDied, VideoWorkHindered
from gateway.database import Database, now
from gateway.intake.outcome import Withdrawn
from gateway.intake.service import Intake
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.intake.videos import WORK_SECONDS
from gateway.review.cases import CaseConflict, PlaceTaken, UnknownCase
from gateway.serving.models import NoModelServes
from inference.errors import PictureError

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
VIDEO_LEASE = timedelta(seconds=2 * WORK_SECONDS)
MAX_ATTEMPTS = 3
"""A photo that ended its process so often is not tried again."""
POLL_SECONDS = 1.0
_JOIN_SECONDS = 30.0

RETRY = timedelta(seconds=30)
"""When a photo is tried again that could not be processed for want of models, room or a database."""

DOUBT = timedelta(minutes=2)
"""When a video is tried again whose process died, which counts: four times as long after each attempt."""

_FINAL = (PictureError, ConversionError, CaseConflict, UnknownCase, StoreRefused, UnknownObject)
"""Errors that another attempt would meet again."""
_PASSING = (NoModelServes, PlaceTaken, StorageError, SQLAlchemyError, VideoWorkHindered)
"""Errors that are no fault of the photo: it waits, however long, and nothing is counted against it."""
_PASSING_REFUSALS = frozenset({StoreStatus.OUT_OF_RESOURCES, StoreStatus.PROCESSING_FAILURE})


class BackgroundIntake:
    """One thread that takes kept photos, the oldest first; or one for `videos`, which nobody else waits behind."""

    def __init__(self, database: Database, storage: ObjectStorage, intake: Intake, *, videos: bool = False) -> None:
        self._videos = videos
        self._database = database
        self._storage = storage
        self._intake = intake
        self._stopping = threading.Event()
        name = "background-videos" if videos else "background-intake"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        if self._videos:
            self._intake.videos.tidy()
        if self._database.is_sqlite:  # which one process has to itself: whoever had photos in hand is dead
            with self._database.write() as unit_of_work:
                unit_of_work.session.execute(
                    update(SubmissionRow).values(claimed_until=None).where(_PROCESSING, self._is_mine())
                )
        self._thread.start()

    def stop(self) -> None:
        """End after the photo in hand; the others wait for the next start."""
        self._stopping.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self.work_once()
            except Exception as error:
                logger.exception("a kept photo could not be processed", exc_info=error)
                worked = False
            if not worked:
                self._stopping.wait(POLL_SECONDS)

    def work_once(self) -> bool:
        """Process one photo; False where none waits, or none can be processed at this moment."""
        row = self._claim()
        if row is None:
            return False
        try:
            self._process(row)
        except VideoWorkDied as error:
            logger.warning("a kept video waits: %s", error, extra={"photo": row.id})
            self._postpone(row, DOUBT * 4 ** (row.attempts - 1), row.attempts)
            return False
        except Exception as error:
            if not is_passing(error):
                raise
            logger.warning("a kept photo waits: %s", _words(error), extra={"photo": row.id})
            self._postpone(row, RETRY, row.attempts - 1)
            return False
        return True

    def _process(self, row: SubmissionRow) -> None:
        if row.attempts > MAX_ATTEMPTS:
            self._intake.give_up(row.id, "processing_failed", "the photo could not be processed")
            return
        assert row.upload_key is not None
        try:
            with self._storage.open(row.upload_key) as stream:
                if self._videos:
                    self._intake.videos.process_kept(row, stream)
                    return
                photo = stream.read()
            self._intake.process_kept(row, photo)
        except Withdrawn:
            logger.info("a kept photo was deleted before it was processed", extra={"photo": row.id})
        except _FINAL as error:
            if is_passing(error):
                raise
            self._intake.give_up(row.id, getattr(error, "code", "not_processed"), str(error))

    def _claim(self) -> SubmissionRow | None:
        moment = now()
        with self._database.write() as unit_of_work:
            row = unit_of_work.session.scalar(
                select(SubmissionRow)
                .where(
                    _PROCESSING,
                    self._is_mine(),
                    or_(SubmissionRow.claimed_until.is_(None), SubmissionRow.claimed_until < moment),
                )
                .order_by(SubmissionRow.received_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is not None:
                row.claimed_until = moment + (VIDEO_LEASE if self._videos else LEASE)
                row.attempts += 1
            return row

    def _is_mine(self) -> ColumnElement[bool]:
        is_video = SubmissionRow.upload_key.endswith(f".{Kind.VIDEO}")
        return is_video if self._videos else not_(is_video)

    def _postpone(self, row: SubmissionRow, wait: timedelta, attempts: int) -> None:
        with self._database.write() as unit_of_work:
            unit_of_work.session.execute(
                update(SubmissionRow)
                .where(SubmissionRow.id == row.id, _PROCESSING)
                .values(claimed_until=now() + wait, attempts=attempts)
            )


def is_passing(error: Exception) -> bool:
    """Whether the same photo may well be processed later."""
    if isinstance(error, StoreRefused):
        return error.status in _PASSING_REFUSALS
    return isinstance(error, _PASSING) and not isinstance(error, UnknownObject)


def _words(error: Exception) -> str:
    """What a log may say of an error."""
    return str(error) if isinstance(error, VideoWorkHindered) else type(error).__name__


_PROCESSING = SubmissionRow.state == SubmissionState.PROCESSING.value
