"""What is tidied up by the clock: rejected photos past their time, old answers, results and finished workitems."""

import logging
import threading
from datetime import timedelta

from sqlalchemy import select

from gateway.access.audit import Action, audit
from gateway.access.caller import SYSTEM
from gateway.archive.committing import forget_results
from gateway.archive.settling import sweep
from gateway.archive.storage import ObjectStorage
from gateway.config import IntakeSettings
from gateway.database import Database, now
from gateway.events.log import EventType, record
from gateway.intake.idempotency import forget_answer, forget_expired
from gateway.intake.pictures import give_up_all
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.review.labels import bury_labels
from gateway.worklists.keeping import forget_finished

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
_PAGE = 100
_JOIN_SECONDS = 10.0


class Schedule:
    """One thread that tidies up at the start and every hour."""

    def __init__(self, database: Database, storage: ObjectStorage, intake: IntakeSettings) -> None:
        self._database = database
        self._storage = storage
        self._retained = timedelta(days=intake.retain_rejected_days)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join(_JOIN_SECONDS)

    def tidy(self) -> int:
        """Do everything that is due; returns how many rejected photos were removed."""
        with self._database.write() as unit_of_work:
            forget_expired(unit_of_work)
            forget_finished(unit_of_work)
            forget_results(unit_of_work)
        removed = 0
        while not self._stopping.is_set() and (count := self._remove_old_rejected()):
            removed += count
        sweep(self._database, self._storage)
        return removed

    def _run(self) -> None:
        while True:
            try:
                self.tidy()
            except Exception:
                logger.exception("tidying up failed; it is tried again in an hour")
            if self._stopping.wait(EVERY_SECONDS):
                return

    def _remove_old_rejected(self) -> int:
        with self._database.write() as unit_of_work:
            rows = unit_of_work.session.scalars(
                select(SubmissionRow)
                .where(
                    SubmissionRow.state == SubmissionState.REJECTED.value,
                    SubmissionRow.received_at < now() - self._retained,
                )
                .limit(_PAGE)
                .with_for_update(skip_locked=True)  # another process may be tidying up as well
            ).all()
            for row in rows:
                give_up_all(unit_of_work, row)
                bury_labels(unit_of_work, hospital=row.hospital_id, photo_id=row.id)
                forget_answer(unit_of_work, row)
                subject = f"photo/{row.id}"
                record(unit_of_work, EventType.PHOTO_DELETED, hospital=row.hospital_id, subject=subject)
                audit(unit_of_work.session, SYSTEM, Action.DELETED, subject=subject, hospital=row.hospital_id)
                unit_of_work.session.delete(row)
            return len(rows)
