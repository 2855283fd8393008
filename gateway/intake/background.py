"""Photos that were answered with 202: processed one after the other, whatever dies in between."""

import logging
import threading
from datetime import timedelta

from sqlalchemy import or_, select

from gateway.access.caller import SYSTEM
from gateway.archive.errors import ArchiveError
from gateway.archive.storage import ObjectStorage
from gateway.conversion.errors import ConversionError
from gateway.database import Database, now
from gateway.intake.service import Intake
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.review.cases import CaseConflict, UnknownCase
from inference.errors import PictureError

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 3
"""A photo that ended its process so often is not tried again."""
POLL_SECONDS = 1.0
_JOIN_SECONDS = 30.0

_FINAL = (PictureError, ConversionError, CaseConflict, UnknownCase, ArchiveError)
"""Errors that another attempt would meet again."""


class BackgroundIntake:
    """One thread that takes kept photos, the oldest first."""

    def __init__(self, database: Database, storage: ObjectStorage, intake: Intake) -> None:
        self._database = database
        self._storage = storage
        self._intake = intake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background-intake", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
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
        """Process one photo; False where none waits."""
        row = self._claim()
        if row is None:
            return False
        if row.attempts > MAX_ATTEMPTS:
            self._intake.give_up(row.id, "processing_failed", "the photo could not be processed")
            return True
        assert row.upload_key is not None
        with self._storage.open(row.upload_key) as stream:
            photo = stream.read()
        try:
            self._intake.process_kept(row, SYSTEM, photo)
        except _FINAL as error:
            self._intake.give_up(row.id, getattr(error, "code", "not_processed"), str(error))
        return True

    def _claim(self) -> SubmissionRow | None:
        moment = now()
        with self._database.write() as unit_of_work:
            row = unit_of_work.session.scalar(
                select(SubmissionRow)
                .where(
                    SubmissionRow.state == SubmissionState.PROCESSING.value,
                    or_(SubmissionRow.claimed_until.is_(None), SubmissionRow.claimed_until < moment),
                )
                .order_by(SubmissionRow.received_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is not None:
                row.claimed_until = moment + LEASE
                row.attempts += 1
            return row
